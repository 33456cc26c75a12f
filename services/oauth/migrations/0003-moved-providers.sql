-- Whether a connection's tokens are of the address that its provider is configured with now: both count how often it moved.
-- Tokens of an address that was left are sent to no other. Existing rows are of the present address.
alter table configurations add column epoch int not null default 1;
-- Connections of the address before are still to be broken; null when none can be left.
alter table configurations add column moved_at timestamptz;
create index configurations_moved on configurations (moved_at) where moved_at is not null;

alter table connections add column epoch int not null default 1;
create index connections_behind on connections (configuration_id, epoch) where state = 'active';
alter table connections drop constraint connections_broken_reason_check;
alter table connections add constraint connections_broken_reason_check
  check (broken_reason in ('refused', 'expired', 'interrupted', 'moved'));
