-- Where the two lanes stand: one row, held by whoever claims, so that claims follow one another.
create table queue (
  one boolean primary key default true check (one),
  -- The turn of each lane's job that was claimed last: nobody new begins before it.
  regular_turn bigint not null default 0,
  priority_turn bigint not null default 0,
  -- Priority jobs claimed in a row while a regular one waited.
  since_regular int not null default 0
) with (fillfactor = 50);
insert into queue default values;

-- The last turn an owner was given in a lane. Jobs of one owner get turns one after another, and lanes are worked off
-- by turn: whoever brings a thousand waits for the second behind everybody's first.
create table turns (
  lane text not null check (lane in ('regular', 'priority')),
  owner_id uuid not null,
  turn bigint not null,
  primary key (lane, owner_id)
) with (fillfactor = 70);

-- What editor says of models, for estimates and for reading their files.
create table models (
  model_id uuid not null,
  version int not null,
  owner_id uuid not null,
  name text not null,
  file_id uuid not null,
  sha256 text not null,
  volume_mm3 double precision not null,
  area_mm2 double precision not null,
  size_x double precision not null,
  size_y double precision not null,
  size_z double precision not null,
  primary key (model_id, version)
);
create index models_owner on models (owner_id);

create table jobs (
  request_id uuid primary key,
  lane text not null check (lane in ('regular', 'priority')),
  source text not null check (source in ('shop', 'partner', 'model')),
  owner_id uuid not null,
  model_id uuid not null,
  version int not null,
  file_id uuid not null,
  options jsonb not null,
  -- resting: queued again, after a failure that may pass.
  state text not null
    check (state in ('queued', 'working', 'resting', 'priced', 'waitingForHuman', 'refused', 'cancelled')),
  turn bigint not null,
  attempts int not null default 0,
  -- Who works on it, and until when that is believed; resting: when it is tried again.
  lease uuid,
  worker_id text,
  due_at timestamptz,
  created_at timestamptz not null,
  queued_at timestamptz not null,
  started_at timestamptz,
  finished_at timestamptz,
  -- What the worker took that finished it.
  work_ms int,
  reason jsonb,
  price jsonb,
  taken_by uuid,
  taken_at timestamptz,
  decided_by uuid,
  note text,
  check ((state = 'working') = (lease is not null)),
  check (state not in ('working', 'resting') or due_at is not null),
  check ((state = 'priced') = (price is not null))
) with (fillfactor = 80);
create index jobs_queued on jobs (lane, turn, request_id) where state = 'queued';
create index jobs_due on jobs (due_at) where state in ('working', 'resting');
create index jobs_open on jobs (owner_id, request_id) where state in ('queued', 'working', 'resting');
create index jobs_owner on jobs (owner_id, request_id desc);
create index jobs_owner_state on jobs (owner_id, state, request_id desc);
create index jobs_human on jobs (request_id) where state = 'waitingForHuman';
create index jobs_human_taken on jobs (taken_by, request_id) where state = 'waitingForHuman';
create index jobs_model on jobs (model_id);
create index jobs_finished on jobs (finished_at) where finished_at is not null;
create index jobs_measured on jobs (finished_at desc) include (work_ms)
  where work_ms is not null and finished_at is not null;

-- Those who claimed of late, and how many jobs they work on at once.
create table workers (
  worker_id text primary key,
  slots int not null,
  seen_at timestamptz not null
) with (fillfactor = 50);
create index workers_seen on workers (seen_at);

-- What making a mesh takes: never worked out twice for the same file, options and part of the book.
create table works (
  sha256 text not null,
  basis text not null,
  work jsonb not null,
  created_at timestamptz not null,
  primary key (sha256, basis)
);
create index works_age on works (created_at);

create table books (
  version int primary key,
  note text not null,
  book jsonb not null,
  revision int not null default 1,
  created_at timestamptz not null,
  created_by uuid,
  published_at timestamptz,
  published_by uuid
);
create index books_drafts on books (version) where published_at is null;

-- When which book is in force: each period lasts until the next begins, so there are neither holes nor overlaps.
create table periods (
  valid_from timestamptz primary key,
  version int not null references books
);
create index periods_version on periods (version, valid_from);

create table book_changes (
  change_id bigint generated always as identity primary key,
  version int not null references books on delete cascade,
  at timestamptz not null,
  by uuid,
  change text not null check (change in ('created', 'edited', 'published')),
  paths text[] not null
);
create index book_changes_version on book_changes (version, change_id desc);
