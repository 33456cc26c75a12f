-- What oidc-provider keeps. Ids are SHA-256 of issuer, model and the value that the outside knows; payloads lack it.

-- What a person (or nobody, for a machine) lets an app do. Deleting one revokes all tokens that stand on it.
create table grants (
  id bytea primary key,
  issuer_id uuid not null,
  app_id text not null,
  end_user_id uuid,
  payload jsonb not null,
  created_at timestamptz not null,
  expires_at timestamptz not null
);
create index grants_of_person on grants (end_user_id) where end_user_id is not null;
create index grants_of_app on grants (app_id);
create index grants_expiring on grants (expires_at);

-- Access, refresh and client-credentials tokens, authorization codes.
create table tokens (
  id bytea primary key,
  issuer_id uuid not null,
  model text not null,
  app_id text not null,
  grant_id bytea,
  payload jsonb not null,
  -- Of a rotated refresh token: the next one, readable only to who holds this one.
  successor bytea,
  successor_id bytea,
  consumed_at timestamptz,
  expires_at timestamptz not null
);
create index tokens_of_grant on tokens (grant_id) where grant_id is not null;
create index tokens_expiring on tokens (expires_at);

-- Sessions in browsers.
create table sessions (
  id bytea primary key,
  issuer_id uuid not null,
  uid text not null,
  end_user_id uuid,
  payload jsonb not null,
  ip text not null default '',
  user_agent text not null default '',
  created_at timestamptz not null,
  last_seen_at timestamptz not null,
  expires_at timestamptz not null
);
create index sessions_by_uid on sessions (issuer_id, uid);
create index sessions_of_person on sessions (end_user_id) where end_user_id is not null;
create index sessions_expiring on sessions (expires_at);

-- What lives for minutes: interactions, device codes, pushed requests, proofs that were seen.
create table flows (
  id bytea primary key,
  issuer_id uuid not null,
  model text not null,
  user_code bytea,
  grant_id bytea,
  payload jsonb not null,
  consumed_at timestamptz,
  expires_at timestamptz not null
);
create index flows_by_user_code on flows (user_code) where user_code is not null;
create index flows_of_grant on flows (grant_id) where grant_id is not null;
create index flows_expiring on flows (expires_at);
