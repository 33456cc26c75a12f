-- Where webhooks can be: a copy of what projects announced.
create table environments (
  project_id uuid not null,
  environment text not null,
  archived boolean not null default false,
  primary key (project_id, environment)
);

-- Projects and environments that are gone: an event that arrives late does not bring them back.
create table erased (
  project_id uuid not null,
  -- Empty: the whole project.
  environment text not null,
  primary key (project_id, environment)
);

create table endpoints (
  endpoint_id uuid primary key,
  project_id uuid not null,
  environment text not null,
  url text not null,
  description text not null,
  -- Types it asks for; empty: all.
  events text[] not null,
  enabled boolean not null,
  disabled_reason text check (disabled_reason in ('gone')),
  secret_hint text not null,
  -- Sealed; the one before signs too until its time is over.
  secret bytea not null,
  previous_secret bytea,
  previous_until timestamptz,
  last_success_at timestamptz,
  last_failure_at timestamptz,
  version int not null default 1,
  created_at timestamptz not null
);
create index endpoints_environment on endpoints (project_id, environment, endpoint_id);

-- One event as it is sent to all endpoints of an environment. The id is that of the event.
create table messages (
  message_id uuid not null,
  project_id uuid not null,
  environment text not null,
  type text not null,
  body text not null,
  created_at timestamptz not null,
  primary key (message_id)
);
create index messages_age on messages (created_at);
create index messages_environment on messages (project_id, environment);

create table deliveries (
  delivery_id uuid primary key,
  endpoint_id uuid not null references endpoints on delete cascade,
  message_id uuid not null references messages on delete cascade,
  project_id uuid not null,
  environment text not null,
  type text not null,
  state text not null check (state in ('waiting', 'sending', 'delivered', 'failed')),
  attempts int not null default 0,
  created_at timestamptz not null,
  -- When the present run of attempts began: sending again begins another.
  begun_at timestamptz not null,
  run_attempts int not null default 0,
  next_attempt_at timestamptz,
  delivered_at timestamptz,
  last_status int,
  last_error text,
  -- Who is sending it and until when that is believed.
  lease uuid,
  lease_until timestamptz
);
-- One event is delivered once to an endpoint, however often it arrives here.
create unique index deliveries_once on deliveries (message_id, endpoint_id);
create index deliveries_environment on deliveries (project_id, environment, delivery_id desc);
create index deliveries_state on deliveries (project_id, environment, state, delivery_id desc);
create index deliveries_endpoint on deliveries (endpoint_id, delivery_id desc);

create table attempts (
  delivery_id uuid not null references deliveries on delete cascade,
  attempt int not null,
  at timestamptz not null,
  duration_ms int not null,
  status int,
  answer text,
  error text,
  primary key (delivery_id, attempt)
);
