-- Where an environment's people come from and go to, as projects announced it.
alter table issuers add column places jsonb not null default '{}';
