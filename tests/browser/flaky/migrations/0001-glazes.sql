create table glazes (pot text primary key, times integer not null default 1);
