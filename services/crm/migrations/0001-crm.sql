-- Who people are, as users says; for names of those who write and do.
create table people (
  user_id uuid primary key,
  display_name text not null,
  version int not null
);

create table customers (
  customer_id uuid primary key,
  name text not null,
  email text not null,
  company text,
  phone text,
  language text not null,
  tags text[] not null default '{}',
  currency text not null,
  orders int not null default 0,
  open_orders int not null default 0,
  spent bigint not null default 0,
  first_order_at timestamptz not null,
  last_order_at timestamptz not null,
  erased boolean not null default false,
  version int not null default 1,
  search_text text not null,
  search_grams text[] not null
);
create index customers_recent on customers (last_order_at desc, customer_id desc);
create index customers_tags on customers using gin (tags);
create index customers_search on customers using gin (search_grams);

create table tags (
  tag text primary key,
  customers int not null
);
create index tags_used on tags (customers desc, tag);

-- A row may begin with a change that was heard before the order itself; `placed` says that the rest has come.
create table orders (
  order_id uuid primary key,
  state text not null,
  state_at timestamptz not null,
  placed boolean not null default false,
  number text not null default '',
  channel text not null default 'shop',
  customer_id uuid references customers,
  customer_name text not null default '',
  lines jsonb not null default '[]',
  delivery jsonb not null default '{}',
  payment jsonb not null default '{}',
  note text,
  total bigint not null default 0,
  currency text not null default '',
  due_at timestamptz,
  created_at timestamptz,
  decision text not null default 'waiting',
  decided_by uuid,
  decided_at timestamptz,
  reason text,
  refusal text,
  unread int not null default 0,
  version int not null default 1,
  search_text text not null default '',
  search_grams text[] not null default '{}'
);
create index orders_all on orders (order_id desc) where placed;
create index orders_waiting on orders (order_id) where placed and state = 'created' and decision = 'waiting';
create index orders_state on orders (state, order_id desc) where placed;
create index orders_customer on orders (customer_id, order_id desc) where placed;
create index orders_unread on orders (order_id) where placed and unread > 0;
create index orders_search on orders using gin (search_grams) where placed;

create table messages (
  message_id uuid primary key,
  order_id uuid not null references orders,
  from_side text not null,
  author_id uuid not null,
  text text not null,
  at timestamptz not null
);
create index messages_order on messages (order_id, message_id desc);
create index messages_author on messages (author_id, message_id desc);

create table notes (
  note_id uuid primary key,
  customer_id uuid not null references customers,
  order_id uuid,
  author_id uuid not null,
  text text not null,
  at timestamptz not null
);
create index notes_customer on notes (customer_id, note_id desc);
create index notes_author on notes (author_id);

create table tasks (
  task_id uuid primary key,
  title text not null,
  customer_id uuid references customers,
  order_id uuid,
  assignee_id uuid,
  -- Tasks without a date come last.
  due_at timestamptz not null default 'infinity',
  done_at timestamptz,
  created_by uuid not null,
  created_at timestamptz not null,
  version int not null default 1
);
create index tasks_open on tasks (due_at, task_id) where done_at is null;
create index tasks_mine on tasks (assignee_id, due_at, task_id) where done_at is null;
create index tasks_done on tasks (done_at desc, task_id desc) where done_at is not null;
create index tasks_customer on tasks (customer_id);
create index tasks_order on tasks (order_id);
create index tasks_creator on tasks (created_by);

create table segments (
  segment_id uuid primary key,
  name text not null,
  rules jsonb not null,
  version int not null default 1,
  constraint segments_name unique (name)
);
