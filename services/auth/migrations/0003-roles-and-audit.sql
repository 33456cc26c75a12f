-- Roles, and the log of every security event.

create table roles (
  name text primary key,
  description text not null,
  permissions text[] not null,
  built_in boolean not null default false
);
insert into roles (name, description, permissions, built_in) values
  ('member', 'Everybody who has an account.', '{}', true),
  ('admin', 'May do everything.', '{}', true);

create table account_roles (
  account_id uuid not null references accounts on delete cascade,
  role text not null references roles on delete cascade,
  primary key (account_id, role)
);
create index account_roles_role on account_roles (role, account_id);

-- One row. The setup code is derived from the generation: claiming it makes the next one.
create table setup (
  singleton boolean primary key default true check (singleton),
  generation int not null default 0
);
insert into setup default values;

create table audit_log (
  id bigint generated always as identity primary key,
  at timestamptz not null,
  event text not null,
  actor_id uuid,
  subject_id uuid,
  ip text,
  user_agent text,
  details jsonb not null default '{}'
);
create index audit_log_event on audit_log (event, id);
create index audit_log_subject on audit_log (subject_id, id);
create index audit_log_actor on audit_log (actor_id, id);
create index audit_log_at on audit_log (at, id);

-- The log only grows. The one change allowed is to make an erased person unrecognisable: what happened and when
-- stays, address, program and details go, and the id becomes a pseudonym.
create function keep_audit_log() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE'
    and current_setting('pleiad.erasing', true) in (old.subject_id::text, old.actor_id::text)
    and new.id = old.id and new.at = old.at and new.event = old.event
    and new.ip is null and new.user_agent is null and new.details = '{}'
  then
    return new;
  end if;
  raise exception 'The audit log is append-only' using errcode = 'insufficient_privilege';
end $$;
create trigger keep_audit_log before update or delete on audit_log for each row execute function keep_audit_log();
create trigger keep_audit_log_whole before truncate on audit_log for each statement execute function keep_audit_log();
