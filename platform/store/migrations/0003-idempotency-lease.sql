-- Until when the request that holds the key may be thought alive: it says so again and again while it works.
alter table idempotency_keys
  add column held_until timestamptz not null default clock_timestamp() + interval '60 seconds';
