-- Names change seldom and are searched often: what was just written is found by the index, not by reading a list.
alter index projects_search set (fastupdate = off);
