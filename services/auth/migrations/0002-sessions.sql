-- Sessions, tokens, what was revoked, and the keys that sign.

create table sessions (
  id uuid primary key,
  account_id uuid not null references accounts on delete cascade,
  method text not null,
  ip text not null,
  user_agent text not null,
  created_at timestamptz not null,
  last_seen_at timestamptz not null,
  -- Last time the person proved who they are: sensitive changes need a recent one.
  proved_at timestamptz not null,
  expires_at timestamptz not null,
  -- SHA-256 of the refresh token that works now, and of the one before.
  token_hash bytea not null,
  previous_hash bytea,
  rotated_at timestamptz,
  -- The current token, encrypted with a key that only the previous token gives, for the grace after a rotation.
  successor bytea,
  ended_at timestamptz,
  end_reason text
);
create index sessions_account on sessions (account_id, created_at desc);
create index sessions_expires on sessions (expires_at);

create table access_tokens (
  id uuid primary key,
  account_id uuid not null references accounts on delete cascade,
  name text not null,
  token_hash bytea not null,
  hint text not null,
  scopes text[] not null,
  created_at timestamptz not null,
  expires_at timestamptz,
  last_used_at timestamptz
);
create unique index access_tokens_hash on access_tokens (token_hash);
create index access_tokens_account on access_tokens (account_id);

-- Access tokens that are refused before they expire; a process that starts loads the list.
create table revocations (
  id bigint generated always as identity primary key,
  account_id uuid not null,
  sid uuid,
  token_id uuid,
  -- Seconds since 1970, as in the tokens.
  before bigint not null,
  until bigint not null
);
create index revocations_until on revocations (until);

create table signing_keys (
  kid text primary key,
  public_x text not null,
  -- Encrypted (AES-256-GCM).
  private_key bytea not null,
  created_at timestamptz not null,
  -- next: published ahead; active: signs; retired: its tokens are accepted until expires_at.
  state text not null check (state in ('next', 'active', 'retired')),
  activated_at timestamptz,
  expires_at timestamptz
);
create unique index signing_keys_one on signing_keys (state) where state in ('next', 'active');
create index signing_keys_expires on signing_keys (expires_at) where state = 'retired';
