-- How many end users there are, kept as they come and go: nobody counts a table without bounds. One row an hour says how
-- many were made in it; the row of `-infinity` says how many there are.
create table end_user_counts (
  issuer_id uuid not null references issuers on delete cascade,
  hour timestamptz not null,
  count bigint not null,
  primary key (issuer_id, hour)
);
insert into end_user_counts (issuer_id, hour, count)
  select issuer_id, date_trunc('hour', created_at, 'UTC'), count(*) from end_users group by 1, 2
  union all
  select issuer_id, '-infinity', count(*) from end_users group by 1;
