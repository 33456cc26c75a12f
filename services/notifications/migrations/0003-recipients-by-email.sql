-- Who is invited by address and has an account is told in the app too.
create index recipients_email on recipients (email) where email is not null;
