-- Orders of models that were heard of, and whether they have ended: an end may be heard before its beginning.
create table order_ends (
  order_id uuid primary key,
  ended boolean not null,
  at timestamptz not null
);
create index order_ends_at on order_ends (at);
