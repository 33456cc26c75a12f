-- Accounts and what proves who owns them.

create table accounts (
  id uuid primary key,
  -- Lower case; the only place where it is stored for people who are registered.
  email text not null,
  email_verified boolean not null,
  locale text not null check (locale in ('en', 'ru')),
  -- Argon2id in PHC form, or bcrypt of an imported account until its first sign-in. Null: passkeys only.
  password_hash text,
  locked_at timestamptz,
  lock_reason text,
  -- Access tokens issued at or before this second are refused; new ones are dated after it.
  tokens_refused_until bigint not null default 0,
  created_at timestamptz not null,
  last_sign_in_at timestamptz
);
create unique index accounts_email on accounts (email);
create index accounts_email_prefix on accounts (email text_pattern_ops);

-- Registrations that wait for the address to be confirmed. Not unique by address: nobody can block somebody else's.
create table registrations (
  id uuid primary key,
  email text not null,
  username text not null,
  display_name text not null,
  locale text not null,
  password_hash text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null
);
create index registrations_email on registrations (email, created_at);
create index registrations_expires on registrations (expires_at);

-- Single-use links in mails, by the hash of their token.
create table links (
  token_hash bytea primary key,
  purpose text not null check (purpose in ('register', 'verifyEmail', 'resetPassword', 'changeEmail')),
  -- The account, or the registration of purpose register.
  subject_id uuid not null,
  email text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null
);
create index links_subject on links (subject_id, purpose);
create index links_expires on links (expires_at);

create table totp (
  account_id uuid primary key references accounts on delete cascade,
  -- Encrypted (AES-256-GCM).
  secret bytea not null,
  started_at timestamptz not null,
  -- Null until the first code confirmed it.
  confirmed_at timestamptz,
  -- The last time step whose code was taken: it and those before are refused (RFC 6238, 5.2).
  last_step bigint not null default 0
);

create table recovery_codes (
  account_id uuid not null references accounts on delete cascade,
  code_hash bytea not null,
  primary key (account_id, code_hash)
);

create table passkeys (
  id uuid primary key,
  account_id uuid not null references accounts on delete cascade,
  credential_id bytea not null,
  public_key bytea not null,
  counter bigint not null,
  transports text[] not null,
  backed_up boolean not null,
  name text not null,
  created_at timestamptz not null,
  last_used_at timestamptz
);
create unique index passkeys_credential on passkeys (credential_id);
create index passkeys_account on passkeys (account_id);

-- What was asked of somebody and not answered yet: WebAuthn challenges, second factors. Answered once.
create table challenges (
  id_hash bytea primary key,
  purpose text not null check (purpose in ('secondFactor', 'passkeyLogin', 'passkeyRegistration')),
  account_id uuid references accounts on delete cascade,
  challenge text not null,
  attempts int not null default 0,
  expires_at timestamptz not null
);
create index challenges_account on challenges (account_id);
create index challenges_expires on challenges (expires_at);

-- Wrong attempts, by a keyed hash of what is guarded; the same for accounts that do not exist.
create table throttles (
  key bytea primary key,
  failures int not null,
  last_at timestamptz not null,
  blocked_until timestamptz not null
);
create index throttles_last on throttles (last_at);

-- Networks an account signed in from: the limit over all networks does not apply to them.
create table known_origins (
  account_id uuid not null references accounts on delete cascade,
  origin_hash bytea not null,
  last_at timestamptz not null,
  primary key (account_id, origin_hash)
);
create index known_origins_last on known_origins (last_at);
