-- Orders of models, and until when they need what belongs to them; null: they are open.
create table orders (
  order_id uuid primary key,
  delete_after timestamptz
);
create index orders_over on orders (delete_after) where delete_after is not null;
create table ordered_models (
  model_id uuid not null,
  order_id uuid not null references orders on delete cascade,
  primary key (model_id, order_id)
);
create index ordered_models_order on ordered_models (order_id);
