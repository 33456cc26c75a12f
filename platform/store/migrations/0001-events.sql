-- Tables that the platform keeps in the schema of every service.

-- Events that wait to be carried: short, so that claiming stays fast. A carried event moves to outbox_log.
create table outbox (
  sequence bigint generated always as identity primary key,
  id uuid not null,
  type text not null,
  version int not null,
  key text not null,
  data jsonb not null,
  lane text not null default 'normal' check (lane in ('high', 'normal', 'low')),
  emitted_at timestamptz not null default now(),
  -- Null: due at once. Only delayed events have a time, so that a million of them never slow down the others.
  due_at timestamptz,
  traceparent text
) with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
create index outbox_now on outbox (sequence) where due_at is null;
create index outbox_due on outbox (due_at, sequence) where due_at is not null;

-- History of carried events, in daily partitions: replay for a new consumer, refill of a lost broker.
create table outbox_log (
  sequence bigint not null,
  id uuid not null,
  type text not null,
  version int not null,
  key text not null,
  data jsonb not null,
  lane text not null,
  emitted_at timestamptz not null,
  traceparent text,
  published_at timestamptz not null default now()
) partition by range (published_at);
create index outbox_log_type on outbox_log (type, published_at, sequence);
create index outbox_log_id on outbox_log (id);
create table outbox_log_rest partition of outbox_log default;

-- What this service received. (consumer, id) is the whole of deduplication.
create table inbox (
  consumer text not null,
  id uuid not null,
  source text not null,
  type text not null,
  version int not null,
  key text not null,
  sequence bigint not null,
  emitted_at timestamptz not null,
  traceparent text,
  data jsonb,
  -- 0 high, 1 normal, 2 low.
  lane smallint not null,
  -- The handler asks for order by key.
  ordered boolean not null default false,
  -- The replay that asked to do it again, so that a redelivery of the same replay does not.
  replay uuid,
  state text not null default 'pending' check (state in ('pending', 'done', 'dead')),
  due_at timestamptz not null default now(),
  attempts int not null default 0,
  error text,
  received_at timestamptz not null default now(),
  finished_at timestamptz,
  expires_at timestamptz,
  primary key (consumer, id)
) with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
create index inbox_pending on inbox (consumer, lane, due_at, sequence) where state = 'pending';
create index inbox_oldest on inbox (consumer, due_at, sequence) where state = 'pending';
create index inbox_ordered on inbox (consumer, sequence) where state = 'pending' and ordered;
create index inbox_key on inbox (consumer, key, sequence) where state = 'pending' and ordered;
create index inbox_dead on inbox (finished_at desc, consumer, id) where state = 'dead';
create index inbox_expired on inbox (expires_at) where state = 'dead';
create index inbox_done on inbox (finished_at) where state = 'done';

-- Next due time of every cron job; the row lock makes one process emit each due time once.
create table schedules (
  job text primary key,
  cron text not null,
  next_at timestamptz not null
);

-- First answers of requests with an Idempotency-Key.
create table idempotency_keys (
  caller text not null,
  operation text not null,
  key text not null,
  fingerprint bytea not null,
  status int,
  body text,
  created_at timestamptz not null default now(),
  primary key (caller, operation, key)
);
create index idempotency_keys_created on idempotency_keys (created_at);
