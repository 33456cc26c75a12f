-- Kind and cost of a password hash that was imported and not renewed yet: every sign-in to the issuer does the work of all
-- kinds there are, so that its time does not tell whether an address has an account.
alter table end_users add column foreign_profile text;
create index end_users_foreign on end_users (issuer_id, foreign_profile) where foreign_profile is not null;
