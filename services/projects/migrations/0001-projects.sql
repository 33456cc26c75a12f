-- Every slug that was ever used: the issuer address of a project never passes to another.
create table slugs (
  slug text constraint slugs_taken primary key
);

create table projects (
  project_id uuid primary key,
  slug text not null constraint projects_slug unique references slugs,
  name text not null,
  accent text not null,
  home_url text,
  support_email text,
  -- The start of the logo's SHA-256; the picture itself is in logos.
  logo_hash text,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  archived_at timestamptz,
  delete_at timestamptz,
  -- Its last owner was erased and nobody could follow.
  ownerless boolean not null default false,
  version int not null default 1,
  state text not null generated always as (
    case when delete_at is not null then 'deleting' when archived_at is not null then 'archived' else 'active' end
  ) stored,
  search_text text not null,
  search_grams text[] not null
);
create index projects_by_state on projects (state, project_id desc);
create index projects_ownerless on projects (project_id desc) where ownerless;
create index projects_to_delete on projects (delete_at) where delete_at is not null;
create index projects_search on projects using gin (search_grams);

create table logos (
  project_id uuid primary key references projects on delete cascade,
  type text not null,
  bytes bytea not null
);

create table members (
  project_id uuid not null references projects on delete cascade,
  user_id uuid not null,
  role text not null check (role in ('viewer', 'developer', 'admin', 'owner')),
  joined_at timestamptz not null,
  -- A copy of the project's, so that a person's list by state reads no project it does not show.
  state text not null,
  primary key (project_id, user_id)
);
create index members_by_joining on members (project_id, joined_at, user_id);
create index members_of_person on members (user_id, project_id desc);
create index members_of_person_by_state on members (user_id, state, project_id desc);
create index members_owners on members (user_id) where role = 'owner' and state = 'active';

-- Who people are, as users last announced it. Of somebody erased only that they were.
create table people (
  user_id uuid primary key,
  username text,
  display_name text,
  locale text not null check (locale in ('en', 'ru')),
  version int not null,
  erased boolean not null default false
);

-- An address is kept while the invitation is open. The token is in the mail only.
create table invitations (
  invitation_id uuid primary key,
  project_id uuid not null references projects on delete cascade,
  email text,
  role text not null check (role in ('viewer', 'developer', 'admin', 'owner')),
  token_hash bytea not null constraint invitations_token unique,
  state text not null check (state in ('open', 'accepted', 'declined')),
  invited_by uuid,
  created_at timestamptz not null,
  sent_at timestamptz not null,
  expires_at timestamptz not null,
  check ((state = 'open') = (email is not null))
);
create unique index invitations_open on invitations (project_id, lower(email)) where state = 'open';
create index invitations_listed on invitations (project_id, invitation_id desc) where state = 'open';
create index invitations_expiry on invitations (expires_at);

create table environments (
  project_id uuid not null references projects on delete cascade,
  environment text not null,
  settings jsonb not null,
  version int not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint environments_name primary key (project_id, environment)
);

create table project_keys (
  key_id uuid primary key,
  project_id uuid not null,
  environment text not null,
  name text not null,
  hint text not null,
  scopes text[] not null,
  created_by uuid,
  created_at timestamptz not null,
  expires_at timestamptz,
  last_used_at timestamptz,
  rotated_at timestamptz,
  foreign key (project_id, environment) references environments on delete cascade
);
create index project_keys_listed on project_keys (project_id, key_id desc);
create index project_keys_of_environment on project_keys (project_id, environment, key_id desc);
create index project_keys_expiry on project_keys (expires_at) where expires_at is not null;

-- Hashes of the secrets of keys. After a rotation a key has two for a while; until is set for the older.
create table key_secrets (
  hash bytea primary key,
  key_id uuid not null references project_keys on delete cascade,
  until timestamptz
);
create index key_secrets_of_key on key_secrets (key_id);
create index key_secrets_until on key_secrets (until) where until is not null;

-- Only ever appended to, until the retention or the project ends.
create table activity (
  activity_id uuid primary key,
  project_id uuid not null references projects on delete cascade,
  at timestamptz not null,
  kind text not null,
  -- The first word of the kind.
  topic text not null generated always as (split_part(kind, '.', 1)) stored,
  by_kind text not null check (by_kind in ('person', 'program', 'system')),
  by_id text,
  details jsonb not null
);
create index activity_listed on activity (project_id, activity_id desc);
create index activity_by_topic on activity (project_id, topic, activity_id desc);
create index activity_of_person on activity (by_id, activity_id desc) where by_kind = 'person';
create index activity_age on activity (at);
