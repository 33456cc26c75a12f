-- Models and their versions. Files lie in files, by id.
create table models (
  model_id uuid primary key,
  owner_id uuid not null,
  name text not null,
  created_at timestamptz not null,
  revision int not null default 1,
  -- The newest version and its state, for lists.
  latest int not null default 1,
  state text not null,
  -- Versions there have been: a number is never given twice.
  made int not null default 1
);
create index models_owned on models (owner_id, model_id desc);
create index models_owned_state on models (owner_id, state, model_id desc);
create index models_rejected on models (created_at) where state = 'rejected';

create table versions (
  model_id uuid not null references models on delete cascade,
  version int not null,
  owner_id uuid not null,
  kind text not null check (kind in ('original', 'repaired', 'placed', 'plate')),
  from_version int,
  state text not null check (state in ('processing', 'needsUnits', 'needsRepair', 'repaired', 'ready', 'rejected')),
  stage text check (stage in ('waiting', 'reading', 'checking', 'repairing', 'storing')),
  created_at timestamptz not null,
  -- What it is made of: an uploaded file, or versions and where they are put.
  source_file_id uuid,
  format text,
  unit text,
  accept_repair boolean not null default false,
  plan jsonb,
  options jsonb,
  -- What became of it.
  mesh_file_id uuid,
  sha256 text,
  thumbnail_file_id uuid,
  repair_file_id uuid,
  repair_sha256 text,
  report jsonb,
  repair jsonb,
  repaired boolean not null default false,
  warnings jsonb,
  reasons jsonb,
  -- Who works on it and until when that is believed; attempts counts those that began.
  attempts int not null default 0,
  lease uuid,
  lease_until timestamptz,
  primary key (model_id, version),
  check ((state = 'processing') = (stage is not null)),
  check (lease is null or state = 'processing'),
  check (state <> 'ready' or (mesh_file_id is not null and sha256 is not null and report is not null))
);
-- A file is one model's.
create unique index versions_source on versions (source_file_id) where source_file_id is not null;
create index versions_mesh on versions (mesh_file_id) where mesh_file_id is not null;
create index versions_thumbnail on versions (thumbnail_file_id) where thumbnail_file_id is not null;
create index versions_repair on versions (repair_file_id) where repair_file_id is not null;
create index versions_working on versions (owner_id) where state = 'processing';

-- Files of models that are gone, until files has deleted them.
create table doomed (
  model_id uuid not null,
  file_id uuid not null,
  primary key (model_id, file_id)
);

-- People who are erased: what is still being made for them must not outlive them.
create table erased (
  owner_id uuid primary key,
  at timestamptz not null
);
