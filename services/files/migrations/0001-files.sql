-- Files of people. A row is there before the first byte and until the last one may go; the object's key is the id.
create table files (
  id uuid primary key,
  owner_id uuid not null,
  purpose text not null,
  name text not null,
  -- As announced; a file that is ready has exactly this many bytes.
  size bigint not null check (size > 0),
  declared_type text not null,
  state text not null check (state in ('uploading', 'ready')),
  created_at timestamptz not null,
  -- While uploading. What the store calls the growing object, and whoever writes to it now: the lease of a process that
  -- was killed runs out by itself. epoch counts the writers.
  store_ref text,
  received bigint not null default 0,
  expires_at timestamptz,
  writer uuid,
  lease_until timestamptz,
  epoch int not null default 0,
  -- When ready.
  type text,
  sha256 bytea,
  ready_at timestamptz,
  delete_after timestamptz,
  -- The store has had no such object since then.
  missing_since timestamptz,
  check ((state = 'uploading') = (expires_at is not null)),
  check ((state = 'ready') = (sha256 is not null and type is not null and ready_at is not null)),
  check ((writer is null) = (lease_until is null))
);
create index files_owned on files (owner_id, id desc);
create index files_uploading on files (owner_id) where state = 'uploading';
create index files_expiring on files (expires_at) where state = 'uploading';
create index files_due on files (delete_after) where delete_after is not null;
create index files_missing on files (missing_since) where missing_since is not null;
create index files_ready on files (ready_at) where state = 'ready';

-- Who may read a file beside its owner: 'user:<id>', or 'permission:<name>' for all who hold it.
create table grants (
  file_id uuid not null references files on delete cascade,
  subject text not null,
  primary key (file_id, subject)
);
create index grants_subject on grants (subject);

-- What needs a file: while there is a keeper it is neither deleted by its owner nor by its date.
create table keepers (
  file_id uuid not null references files on delete cascade,
  keeper text not null,
  since timestamptz not null,
  primary key (file_id, keeper)
);

-- What each person's files take, reserved when an upload begins.
create table usage (
  owner_id uuid primary key,
  bytes bigint not null check (bytes >= 0),
  files int not null check (files >= 0)
);

-- Objects that must go from the store: written with the deletion of the row, deleted when the object is gone.
create table doomed (
  key uuid not null,
  store_ref text not null default '',
  since timestamptz not null,
  primary key (key, store_ref)
);
create index doomed_since on doomed (since);

-- The record of what went. It names nobody once they are erased.
create table removals (
  file_id uuid primary key,
  at timestamptz not null,
  owner_id uuid,
  purpose text not null,
  size bigint not null,
  reason text not null check (reason in ('deleted', 'expired', 'due', 'erased', 'lost'))
);
create index removals_at on removals (at desc, file_id desc);
create index removals_owner on removals (owner_id) where owner_id is not null;

-- People who are erased: an upload that begins late must not outlive them.
create table erased (
  owner_id uuid primary key,
  at timestamptz not null
);

-- The store's listing while the two are compared; empty otherwise.
create table listed (
  key uuid not null,
  store_ref text not null default '',
  old boolean not null,
  primary key (key, store_ref)
);
