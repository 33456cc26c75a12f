-- What roles allow is told in `permissions.changed`, which is younger than roles: services that follow it never heard of
-- those given before. The next start says who holds what. Whoever needs it said at once again sets this to false.
alter table setup rename column administrators_told to holders_told;
update setup set holders_told = false;
