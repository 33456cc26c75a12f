-- Secrets of authenticators and private keys are sealed by the vault from now on. What was sealed before is shorter, is
-- read all the same and sealed anew by a job, which finds it by this index.
create index totp_old on totp (account_id) where length(secret) < 100;
-- Who is administrator was told in `roles.changed` alone: services that follow it since later never heard of the first ones.
alter table setup add column administrators_told boolean not null default false;
