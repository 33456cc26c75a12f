-- Lists by purpose: of somebody with many files few may have it.
create index files_purpose on files (owner_id, purpose, id desc);
