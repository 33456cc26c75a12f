-- People who sign in to the apps of an issuer.
create table end_users (
  end_user_id uuid primary key,
  issuer_id uuid not null references issuers on delete cascade,
  email text,
  email_verified boolean not null default false,
  name text not null default '',
  state text not null default 'active' check (state in ('active', 'blocked')),
  blocked_reason text,
  password_hash text,
  created_at timestamptz not null,
  changed_at timestamptz not null,
  last_sign_in_at timestamptz
);
create unique index end_users_email on end_users (issuer_id, email) where email is not null;
create index end_users_listed on end_users (issuer_id, end_user_id desc);
create index end_users_blocked on end_users (issuer_id, end_user_id desc) where state = 'blocked';

-- Addresses and words of names in lower case, one a row: search is by their beginnings, on a btree.
create table end_user_words (
  issuer_id uuid not null,
  word text collate "C" not null,
  end_user_id uuid not null references end_users on delete cascade,
  primary key (issuer_id, word, end_user_id)
);
create index end_user_words_of on end_user_words (end_user_id);

create table passkeys (
  id uuid primary key,
  end_user_id uuid not null references end_users on delete cascade,
  issuer_id uuid not null,
  credential_id bytea not null,
  public_key bytea not null,
  counter bigint not null,
  transports text[] not null,
  name text not null,
  created_at timestamptz not null,
  last_used_at timestamptz,
  constraint passkeys_credential unique (issuer_id, credential_id)
);
create index passkeys_of on passkeys (end_user_id);

-- Accounts at providers that an end user signs in with.
create table identities (
  id uuid primary key,
  end_user_id uuid not null references end_users on delete cascade,
  issuer_id uuid not null,
  provider text not null,
  subject text not null,
  email text,
  name text,
  connection_id text,
  linked_at timestamptz not null,
  constraint identities_subject unique (issuer_id, provider, subject)
);
create index identities_of on identities (end_user_id);
