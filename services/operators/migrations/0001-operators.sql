-- Who people are, as users says.
create table people (
  user_id uuid primary key,
  display_name text not null,
  version int not null
);

create table operators (
  operator_id uuid primary key,
  skills text[] not null,
  active boolean not null,
  version int not null default 1
);
create index operators_active on operators (operator_id) where active;

create table shifts (
  shift_id uuid primary key,
  operator_id uuid not null references operators,
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  check (starts_at < ends_at)
);
create index shifts_operator on shifts (operator_id, ends_at);
create index shifts_time on shifts (ends_at, starts_at);

create table machines (
  machine_id uuid primary key,
  name text not null,
  technique text not null,
  materials text[] not null,
  size_mm jsonb not null,
  state text not null default 'ready',
  reason text,
  version int not null default 1,
  created_at timestamptz not null,
  constraint machines_name unique (name)
);

create table materials (
  material text not null,
  color text not null,
  grams_on_hand double precision not null default 0,
  grams_minimum double precision not null default 0,
  primary key (material, color)
);
create table material_moves (
  move_id uuid primary key,
  material text not null,
  color text not null,
  grams double precision not null,
  reason text not null,
  by_id uuid,
  work_id uuid,
  at timestamptz not null
);
create index material_moves_by on material_moves (by_id);

-- A row may begin with whichever event was heard first; work appears once it is both placed and confirmed.
create table orders (
  order_id uuid primary key,
  placed boolean not null default false,
  confirmed boolean not null default false,
  called_off boolean not null default false,
  number text not null default '',
  customer_id uuid,
  customer_name text not null default '',
  lines jsonb not null default '[]',
  delivery jsonb not null default '{}',
  note text,
  stage text not null default 'waiting',
  due_at timestamptz not null default 'infinity',
  carrier text,
  tracking text,
  packed_at timestamptz,
  delivered_at timestamptz,
  version int not null default 1
);
create index orders_stage on orders (stage, due_at, order_id);
create index orders_open on orders (due_at, order_id) where stage in ('queued', 'inProduction', 'qualityCheck', 'passed', 'packed', 'shipped');
create index orders_customer on orders (customer_id);
create index orders_delivered on orders (delivered_at) where delivered_at is not null;

create table works (
  work_id uuid primary key,
  order_id uuid not null references orders,
  line_id uuid not null,
  name text not null,
  technique text not null,
  material text,
  color text,
  options jsonb,
  model_id uuid,
  model_version int,
  file_id uuid,
  sku text,
  quantity int not null,
  scrapped int not null default 0,
  machine_seconds int not null,
  material_g double precision not null,
  state text not null default 'free',
  remake_of uuid,
  operator_id uuid,
  machine_id uuid references machines,
  pause_reason text,
  due_at timestamptz not null,
  created_at timestamptz not null,
  started_at timestamptz,
  -- Since when it runs; null while it does not.
  running_since timestamptz,
  worked_seconds int not null default 0,
  finished_at timestamptz,
  version int not null default 1
);
create index works_state on works (state, due_at, work_id);
create index works_open on works (due_at, work_id) where state in ('free', 'claimed', 'started', 'paused');
create index works_operator on works (operator_id, due_at, work_id) where state in ('claimed', 'started', 'paused');
create index works_order on works (order_id);
create index works_finished on works (finished_at) where finished_at is not null;
create index works_made_by on works (operator_id, finished_at);
-- A machine works on one thing at a time, whoever asks at once.
create unique index works_machine_busy on works (machine_id) where state = 'started';

-- Stretches of time in which work ran: what utilisation is counted from.
create table stretches (
  stretch_id uuid primary key,
  work_id uuid not null references works,
  operator_id uuid not null,
  machine_id uuid,
  from_at timestamptz not null,
  until_at timestamptz not null
);
create index stretches_time on stretches (until_at);

create table scraps (
  scrap_id uuid primary key,
  work_id uuid not null references works,
  operator_id uuid not null,
  machine_id uuid,
  quantity int not null,
  reason text not null,
  at timestamptz not null
);
create index scraps_time on scraps (at);

create table checks (
  check_id uuid primary key,
  order_id uuid not null references orders,
  passed boolean not null,
  note text,
  photos uuid[] not null,
  by_id uuid not null,
  at timestamptz not null
);
create index checks_order on checks (order_id, check_id desc);
