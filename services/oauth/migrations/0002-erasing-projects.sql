-- A deleted project takes its removed configurations along too, so this one is not partial.
create index configurations_project on configurations (project_id, environment);
