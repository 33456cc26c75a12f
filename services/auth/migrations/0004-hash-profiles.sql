-- Kind and cost of a hash that came with an imported account, such as $2b$12$; null for the current kind.
-- Every sign-in does the work of every kind there is, so that its time tells nothing about the account.
alter table accounts add column hash_profile text;
update accounts set hash_profile = substring(password_hash from '^(\$2[aby]\$\d\d\$|\$argon2[a-z]+\$[^$]+\$[^$]+\$)')
where password_hash not like '$argon2id$v=19$m=19456,t=2,p=1$%';
create index accounts_hash_profile on accounts (hash_profile) where hash_profile is not null;
