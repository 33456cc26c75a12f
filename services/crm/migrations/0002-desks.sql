-- Who of the office looks at the inbox, and when they last did: they are told at once of what changes there.
create table desks (
  user_id uuid primary key,
  seen_at timestamptz not null
);
