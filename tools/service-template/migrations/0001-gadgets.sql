create table gadgets (
  gadget_id uuid primary key,
  owner_id uuid not null,
  name text not null,
  version int not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint gadgets_name unique (owner_id, name)
);
create index gadgets_owner on gadgets (owner_id, gadget_id desc);
