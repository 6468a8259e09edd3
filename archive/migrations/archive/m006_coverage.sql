-- What the lists of a source named in the week before its newest run, and how much of it was kept.
create table coverage (
    source text primary key,
    since_at text not null, until_at text not null,
    feeds integer, others integer,     -- addresses named by feeds; by sitemaps and sections; null: none
    both integer not null default 0,   -- by feeds and by others
    named integer not null default 0, kept integer not null default 0,
    rolled text not null default '[]'  -- lists that held nothing of the reading before
) without rowid;
