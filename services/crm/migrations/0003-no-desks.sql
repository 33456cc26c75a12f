-- Everybody who may see the inbox is told of it; nobody needs to be remembered for that.
drop table desks;
