-- What this service knows of projects, from their events. The latest event wins; deleted is for good.
create table projects (
  project_id uuid primary key,
  state text not null check (state in ('active', 'archived', 'deleted')),
  state_at timestamptz not null
);
create table environments (
  project_id uuid not null,
  environment text not null,
  present boolean not null,
  changed_at timestamptz not null,
  primary key (project_id, environment)
);

-- A provider as a project has configured it for one environment. A removed one stays until its tokens are revoked.
create table configurations (
  id uuid primary key,
  project_id uuid not null,
  environment text not null,
  provider text not null,
  catalogue text not null,
  name text not null,
  client_id text not null,
  secret bytea,
  secret_changed_at timestamptz,
  settings jsonb not null,
  scopes text[] not null,
  parameters jsonb not null,
  return_urls text[] not null,
  sign_in boolean not null,
  enabled boolean not null,
  -- Last segment of the redirect URI: follows from project, environment and key.
  handle text not null,
  version int not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  removed_at timestamptz
);
create unique index configurations_key on configurations (project_id, environment, provider) where removed_at is null;
create unique index configurations_handle on configurations (handle) where removed_at is null;
create index configurations_removed on configurations (removed_at) where removed_at is not null;

-- A person on the way through a provider. Codes, state, nonce, PKCE verifier and the browser's cookie follow from the id
-- and the installation's secret, so none of them is here.
create table flows (
  id uuid primary key,
  configuration_id uuid not null references configurations on delete cascade,
  project_id uuid not null,
  environment text not null,
  purpose text not null check (purpose in ('signIn', 'link', 'connect')),
  -- opened: the link of a connect session waits to be followed; sent: the browser is at the provider; answered: it came
  -- back; redeemed: the ticket was used.
  stage text not null check (stage in ('opened', 'sent', 'answered', 'redeemed')),
  return_to text not null,
  app_state text,
  end_user_id text,
  scopes text[] not null,
  login_hint text,
  -- The name that Apple posts with the first sign-in.
  posted_user text,
  identity jsonb,
  connection_id uuid,
  expires_at timestamptz not null
);
create index flows_expired on flows (expires_at);
create index flows_configuration on flows (configuration_id);

-- An end user's account at a provider, with its tokens. pending: a sign-in that nobody has claimed yet.
create table connections (
  id uuid primary key,
  configuration_id uuid not null references configurations,
  project_id uuid not null,
  environment text not null,
  provider text not null,
  purpose text not null,
  end_user_id text,
  subject text not null,
  email text,
  name text,
  picture text,
  scopes text[] not null,
  state text not null check (state in ('pending', 'active', 'broken', 'revoked')),
  broken_reason text check (broken_reason in ('refused', 'expired', 'interrupted')),
  -- To be deleted as soon as its tokens are revoked.
  erase boolean not null default false,
  access bytea,
  refresh bytea,
  token_type text not null,
  extra jsonb not null default '{}',
  expires_at timestamptz,
  -- Seconds that a fresh token lives, as last seen.
  lifetime int,
  -- Grows with each token that is stored.
  generation int not null default 1,
  -- Who asks the provider now, and until when others leave it alone.
  lease uuid,
  lease_until timestamptz,
  -- A refresh was sent whose answer never arrived here.
  interrupted boolean not null default false,
  failures int not null default 0,
  retry_at timestamptz,
  created_at timestamptz not null,
  refreshed_at timestamptz,
  used_at timestamptz,
  revoked_at timestamptz,
  check (state = 'pending' or end_user_id is not null)
);
create unique index connections_account on connections (configuration_id, subject, end_user_id)
  where state in ('active', 'broken');
create index connections_listed on connections (project_id, environment, id desc) where end_user_id is not null and not erase;
create index connections_by_state on connections (project_id, environment, state, id desc) where end_user_id is not null and not erase;
create index connections_by_provider on connections (project_id, environment, provider, id desc) where end_user_id is not null and not erase;
create index connections_of_user on connections (project_id, environment, end_user_id, id desc);
create index connections_by_configuration on connections (configuration_id, state);
create index connections_due on connections (expires_at) where state = 'active' and refresh is not null;
create index connections_pending on connections (created_at) where state = 'pending';
create index connections_revoked on connections (revoked_at) where state = 'revoked';
create index connections_unrevoked on connections (revoked_at)
  where state = 'revoked' and (access is not null or refresh is not null or erase);

-- Requests to providers, by hour, and how the last ones went.
create table provider_calls (
  configuration_id uuid not null references configurations on delete cascade,
  hour timestamptz not null,
  succeeded int not null,
  failed int not null,
  total_ms bigint not null,
  slowest_ms int not null,
  primary key (configuration_id, hour)
);
create index provider_calls_old on provider_calls (hour);
create table provider_health (
  configuration_id uuid primary key references configurations on delete cascade,
  last_success_at timestamptz,
  last_failure_at timestamptz,
  last_failure_code text,
  last_failure_words text
);
