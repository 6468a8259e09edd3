-- Which lists named each address, kept for some weeks: what the coverage of a source is measured by.
create table named (
    list text not null, url text not null, first_at text not null, primary key (list, url)
) without rowid;
alter table lists add column kind text;
alter table lists add column first_at text;        -- since when its namings are written down
alter table lists add column rolled_at text;       -- when it last held nothing of the reading before
alter table lists add column rolled_after integer; -- seconds that lay between those two readings
