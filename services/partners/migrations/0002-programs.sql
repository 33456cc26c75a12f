-- A program is a key of the project or one of its OAuth clients, whose ids are no UUIDs.
alter table logs alter column program_id type text;
