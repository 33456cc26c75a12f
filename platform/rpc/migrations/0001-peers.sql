-- The processes of the installation that answer others. A row is as good as its last sign of life.
create table peers (
  id uuid primary key,
  -- Of its internal listener, such as http://10.1.2.3:9090.
  address text not null,
  -- What it answers for: services, RPCs, mounts, prefixes of tokens.
  about jsonb not null,
  expires_at timestamptz not null
);
create index peers_expires on peers (expires_at);
