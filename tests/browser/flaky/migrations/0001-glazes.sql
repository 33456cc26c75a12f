create table glazes (pot text primary key);
