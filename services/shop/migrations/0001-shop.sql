-- The catalogue as the price book in force has it: one row.
create table catalogue (
  one boolean primary key default true check (one),
  event_id uuid not null,
  book_version int not null,
  currency text not null,
  content jsonb not null,
  published_at timestamptz not null
);

-- Models that can be made: a copy of what editor announced.
create table models (
  model_id uuid not null,
  version int not null,
  owner_id uuid not null,
  name text not null,
  file_id uuid not null,
  primary key (model_id, version)
);
create index models_owner on models (owner_id);
-- Models that are gone: an event that arrives late does not bring them back.
create table gone_models (model_id uuid primary key, at timestamptz not null);

-- People as the shop knows them, with what they keep for the next checkout.
create table customers (
  user_id uuid primary key,
  display_name text not null default '',
  email text not null default '',
  locale text not null default 'en',
  user_version int not null default 0,
  profile jsonb,
  version int not null default 0,
  erased boolean not null default false
);

create table items (
  item_id uuid primary key,
  sku text not null,
  names jsonb not null,
  about jsonb not null,
  price bigint not null check (price >= 0),
  currency text not null,
  stock int not null check (stock >= 0),
  pictures uuid[] not null,
  active boolean not null,
  version int not null,
  updated_at timestamptz not null,
  constraint items_sku unique (sku)
);
create index items_offered on items (sku) where active;
create index items_pictures on items using gin (pictures);

-- Prices of parts: asked for, and what came. The first answer to a request counts.
create table prices (
  request_id uuid primary key,
  owner_id uuid not null,
  model_id uuid not null,
  version int not null,
  options_key text not null,
  options jsonb not null,
  state text not null check (state in ('asked', 'calculated', 'delayed', 'refused')),
  currency text,
  unit_price bigint,
  total bigint,
  breakdown jsonb,
  work jsonb,
  book_version int,
  valid_until timestamptz,
  by_hand boolean not null default false,
  problem jsonb,
  asked_at timestamptz not null,
  answered_at timestamptz
);
create index prices_part on prices (model_id, version, options_key, owner_id, request_id desc);
create index prices_owner on prices (owner_id);
create index prices_age on prices (asked_at);

create table carts (
  cart_id uuid primary key,
  owner_id uuid not null,
  state text not null check (state in ('open', 'ordered', 'abandoned')),
  -- What became of it.
  order_id uuid,
  version int not null default 1,
  updated_at timestamptz not null
);
-- One cart at a time.
create unique index carts_open on carts (owner_id) where state = 'open';
create index carts_owner on carts (owner_id);
create index carts_age on carts (updated_at) where state = 'open';

create table cart_lines (
  line_id uuid primary key,
  cart_id uuid not null references carts on delete cascade,
  kind text not null check (kind in ('made', 'ready')),
  model_id uuid,
  version int,
  -- Takes later versions of the model as they come.
  follows boolean not null default false,
  options jsonb,
  item_id uuid,
  quantity int not null,
  estimate jsonb,
  request_id uuid references prices
);
create index cart_lines_cart on cart_lines (cart_id, line_id);
create index cart_lines_request on cart_lines (request_id);
create index cart_lines_model on cart_lines (model_id);

create sequence order_numbers;
create table orders (
  order_id uuid primary key,
  number text not null unique,
  state text not null,
  channel text not null check (channel in ('shop', 'partner')),
  project_id uuid,
  environment text,
  test boolean not null default false,
  customer_id uuid not null,
  customer jsonb not null,
  -- The cart it was ordered from: a cart is ordered once.
  cart_id uuid,
  -- The cart it was quoted from, as it was then.
  quoted_cart uuid,
  quoted_cart_version int,
  -- The partner's own key: a key is one quote.
  partner_key text,
  ordered boolean not null default false,
  needs_acceptance boolean not null default false,
  stock_held boolean not null default false,
  currency text not null,
  lines_total bigint,
  total bigint,
  delivery jsonb,
  payment_method text not null,
  payment_state text not null,
  note text,
  reason text,
  tracking jsonb,
  due_at timestamptz,
  valid_until timestamptz,
  placed_at timestamptz,
  -- The last event of production that led back or forth.
  stamp uuid,
  outcome text,
  ended_at timestamptz,
  -- The customer is erased: what names them goes when the order has ended.
  erase boolean not null default false,
  version int not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  -- Lines and delivery add up.
  constraint orders_total check (
    total is null or (lines_total is not null
      and total = lines_total + coalesce((delivery ->> 'price')::bigint, 0)))
);
create unique index orders_cart on orders (cart_id) where cart_id is not null;
create unique index orders_partner_key on orders (project_id, environment, partner_key) where partner_key is not null;
create index orders_customer on orders (customer_id, order_id desc);
create index orders_customer_state on orders (customer_id, state, order_id desc);
create index orders_state on orders (state, order_id desc);
create index orders_state_payment on orders (state, payment_state, order_id desc);
create index orders_channel on orders (channel, order_id desc);
create index orders_channel_state on orders (channel, state, order_id desc);
create index orders_payment on orders (payment_state, order_id desc);
create index orders_project on orders (project_id, environment, order_id desc) where project_id is not null;
create index orders_expiring on orders (valid_until) where state = 'quoted';
create index orders_drafts on orders (created_at) where state = 'draft';

create table order_lines (
  line_id uuid primary key,
  order_id uuid not null references orders on delete cascade,
  kind text not null check (kind in ('made', 'ready')),
  name text not null,
  model_id uuid,
  version int,
  file_id uuid,
  options jsonb,
  item_id uuid,
  sku text,
  quantity int not null,
  -- What the customer was shown.
  estimate jsonb,
  request_id uuid,
  price_state text not null,
  problem jsonb,
  breakdown jsonb,
  currency text,
  valid_until timestamptz,
  unit_price bigint,
  total bigint,
  machine_seconds float8,
  material_g float8
);
create index order_lines_order on order_lines (order_id, line_id);
create index order_lines_request on order_lines (request_id) where price_state in ('asked', 'delayed');
create index order_lines_model on order_lines (model_id);

-- Words by which staff find an order: of its number and its customer.
create table order_words (
  word text collate "C" not null,
  order_id uuid not null references orders on delete cascade,
  primary key (word, order_id)
);
create index order_words_order on order_words (order_id);

-- Events of neighbours that came before what they need.
create table waiting_signals (
  order_id uuid not null references orders on delete cascade,
  event_id uuid not null,
  type text not null,
  signal text not null,
  actor text not null,
  by_id uuid,
  data jsonb not null,
  primary key (order_id, event_id)
);

create table timeline (
  entry_id uuid primary key,
  order_id uuid not null references orders on delete cascade,
  at timestamptz not null,
  code text not null,
  state text,
  previous text,
  by_kind text not null,
  by_id uuid,
  reason text,
  data jsonb
);
create index timeline_order on timeline (order_id, entry_id);

create table payments (
  payment_id uuid primary key,
  order_id uuid not null references orders on delete cascade,
  provider text not null,
  -- What the provider calls it, and what it calls the money.
  session_ref text,
  charge_ref text,
  redirect_url text,
  amount bigint not null check (amount > 0),
  currency text not null,
  state text not null check (state in ('pending', 'paid', 'failed', 'refunding', 'refunded')),
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index payments_order on payments (order_id, payment_id);
-- Webhooks that have had their effect.
create table payment_events (
  provider text not null,
  event_id text not null,
  at timestamptz not null,
  primary key (provider, event_id)
);
create index payment_events_age on payment_events (at);

create table retention (
  one boolean primary key default true check (one),
  days jsonb not null,
  version int not null default 1
);
insert into retention (days)
values ('{"delivered": 90, "rejected": 14, "cancelled": 14, "returned": 90, "abandoned": 30}');

-- Files that orders and abandoned carts hold or have let go, and what is told to files.
create table held_files (
  -- The order or cart.
  holder_id uuid not null,
  file_id uuid not null,
  model_id uuid,
  name text not null,
  is_order boolean not null,
  number text,
  bytes bigint not null default 0,
  outcome text,
  ended_at timestamptz,
  delete_after timestamptz,
  -- Whether files knows all of the above.
  applied boolean not null default false,
  gone_at timestamptz,
  primary key (holder_id, file_id)
);
create index held_files_file on held_files (file_id);
create index held_files_due on held_files (delete_after, file_id) where delete_after is not null and gone_at is null;
create index held_files_gone on held_files (gone_at desc, file_id desc) where gone_at is not null;
create index held_files_open on held_files (holder_id) where not applied;
