-- Every project environment is an issuer. Project, environment and look are a read model of the events of projects.
create table issuers (
  issuer_id uuid primary key,
  project_id uuid not null,
  environment text not null,
  slug text not null,
  handle text not null constraint issuers_handle unique,
  name text not null,
  accent text,
  logo_url text,
  home_url text,
  support_email text,
  archived boolean not null default false,
  -- Sign-in settings; a missing field has its default.
  settings jsonb not null default '{}',
  version int not null default 1,
  constraint issuers_place unique (project_id, environment)
);

-- Projects that are erased: an event about them that arrives late must not bring them back.
create table erased_projects (
  project_id uuid primary key,
  erased_at timestamptz not null
);

-- OAuth clients. Secrets are hashes: they are random and long, so a fast hash is enough.
create table apps (
  app_id text primary key,
  issuer_id uuid not null references issuers on delete cascade,
  name text not null,
  kind text not null check (kind in ('web', 'browser', 'native', 'device', 'machine')),
  settings jsonb not null,
  secret_hash bytea,
  secret_hint text,
  previous_hash bytea,
  previous_until timestamptz,
  version int not null default 1,
  created_at timestamptz not null,
  changed_at timestamptz not null
);
create index apps_listed on apps (issuer_id, created_at desc, app_id desc);

-- Signing keys, made when an issuer first needs them. private_key is sealed by the vault for `signing_keys:<kid>`.
create table signing_keys (
  kid text primary key,
  issuer_id uuid not null references issuers on delete cascade,
  algorithm text not null,
  state text not null check (state in ('next', 'active', 'previous')),
  public_jwk jsonb not null,
  private_key bytea not null,
  created_at timestamptz not null,
  activated_at timestamptz,
  retires_at timestamptz
);
create index signing_keys_of on signing_keys (issuer_id);
create index signing_keys_due on signing_keys (activated_at) where state = 'active';
create index signing_keys_retiring on signing_keys (retires_at) where state = 'previous';
