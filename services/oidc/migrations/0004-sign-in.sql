-- A sign-in that waits for a code from a mail, or for the proof of an account that is to be linked. One per interaction
-- and purpose; keyed by a hash of issuer and uid.
create table pending (
  id bytea not null,
  purpose text not null check (purpose in ('confirmEmail', 'resetPassword', 'link')),
  end_user_id uuid,
  -- Hash of the code, keyed; null where the mail has none, so that nothing fits.
  code_hash bytea,
  tries int not null default 0,
  -- What happens on success: the account to make, the identity to link.
  data jsonb not null default '{}',
  expires_at timestamptz not null,
  primary key (id, purpose)
);
create index pending_expiring on pending (expires_at);

-- Mailed links: the hash of a single-use token.
create table links (
  token_hash bytea primary key,
  end_user_id uuid not null references end_users on delete cascade,
  expires_at timestamptz not null
);
create index links_of on links (end_user_id);
create index links_expiring on links (expires_at);

-- WebAuthn challenges, each answered once.
create table challenges (
  id_hash bytea primary key,
  issuer_id uuid not null,
  end_user_id uuid,
  challenge text not null,
  expires_at timestamptz not null
);
create index challenges_expiring on challenges (expires_at);

-- Wrong attempts, by a keyed hash of what they are counted under.
create table throttles (
  key bytea primary key,
  failures int not null,
  last_at timestamptz not null,
  blocked_until timestamptz not null
);
create index throttles_old on throttles (last_at);

-- How sign-ins ended, counted by the hour.
create table sign_ins (
  issuer_id uuid not null references issuers on delete cascade,
  hour timestamptz not null,
  outcome text not null check (outcome in ('success', 'failure')),
  method text not null,
  reason text not null default '',
  count int not null,
  primary key (issuer_id, hour, outcome, method, reason)
);
