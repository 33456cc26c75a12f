-- Whoever may decide something is told that it waits. What people may do was not kept before; that of now comes with its
-- next change.
alter table recipients add column permissions text[] not null default '{}';
create index recipients_permissions on recipients using gin (permissions);
