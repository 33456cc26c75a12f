create table plans (
  project_id uuid primary key,
  name text not null,
  limits jsonb not null
);

create table models (
  model_id uuid primary key,
  project_id uuid not null,
  environment text not null,
  file_id uuid not null unique,
  name text not null,
  unit text,
  accept_repair boolean not null,
  -- uploading until the bytes are there; then the editor knows how it stands.
  state text not null default 'uploading',
  created_at timestamptz not null
);
create index models_project on models (project_id, environment);

create table usage_days (
  project_id uuid not null,
  environment text not null,
  day date not null,
  calls int not null default 0,
  failed int not null default 0,
  quotes int not null default 0,
  orders int not null default 0,
  primary key (project_id, environment, day)
);
create index usage_days_day on usage_days (project_id, day);

create table usage_minutes (
  project_id uuid not null,
  minute timestamptz not null,
  calls int not null,
  primary key (project_id, minute)
);
create index usage_minutes_old on usage_minutes (minute);

create table logs (
  log_id uuid primary key,
  project_id uuid not null,
  environment text not null,
  at timestamptz not null,
  operation text not null,
  outcome text not null,
  milliseconds int not null,
  program_id uuid not null,
  request_id text not null,
  about text
);
create index logs_all on logs (project_id, environment, log_id desc);
create index logs_failed on logs (project_id, environment, log_id desc) where outcome <> 'ok';
create index logs_old on logs (at);
