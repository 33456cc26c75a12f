-- Administrators are told what only they can mend. Roles were not kept before; those of now come with their next change.
alter table recipients add column administrator boolean not null default false;
create index recipients_administrators on recipients (user_id) where administrator;
