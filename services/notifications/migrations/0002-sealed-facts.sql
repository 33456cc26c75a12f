-- What gives access (links with tokens, codes) is not in `data` but here, encrypted; emptied once the mail is sent.
alter table mails add column sealed jsonb not null default '{}';
