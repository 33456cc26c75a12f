-- The retention changed after the order had ended: files is told of the new day, and then everybody is.
alter table held_files add column redated boolean not null default false;
