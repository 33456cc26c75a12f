-- People. A row is reserved while somebody registers, then active.
create table profiles (
  user_id uuid primary key,
  username text not null,
  display_name text not null,
  bio text not null default '',
  locale text not null check (locale in ('en', 'ru')),
  time_zone text not null default 'UTC',
  links jsonb not null default '[]',
  state text not null check (state in ('reserved', 'active', 'deactivated')),
  -- As auth last announced it, for the administrators' search; auth owns it.
  email text,
  version int not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  username_changed_at timestamptz,
  reserved_until timestamptz,
  search_text text not null default '',
  search_grams text[] not null default '{}',
  check ((state = 'reserved') = (reserved_until is not null))
);
create index profiles_listed on profiles (user_id desc) where state <> 'reserved';
create index profiles_search on profiles using gin (search_grams) where state <> 'reserved';
create index profiles_reserved on profiles (reserved_until) where state = 'reserved';

-- Every name that nobody else may take. One row per skeleton, so that two names that look alike cannot both exist.
-- held_until is null while the name is in use; a former name is held for its owner; a name of somebody erased is held
-- for nobody, as a hash of the skeleton and without the name.
create table usernames (
  skeleton text constraint usernames_taken primary key,
  username text,
  user_id uuid,
  held_until timestamptz
);
create unique index usernames_name on usernames (username) where username is not null;
create index usernames_owner on usernames (user_id);
create index usernames_held on usernames (held_until) where held_until is not null;

-- Former names of a person.
create table former_usernames (
  user_id uuid not null references profiles on delete cascade,
  username text not null,
  until timestamptz not null,
  primary key (user_id, until)
);

-- People who are erased: an event about them that arrives late must not bring them back.
create table erased (
  user_id uuid primary key,
  erased_at timestamptz not null
);
