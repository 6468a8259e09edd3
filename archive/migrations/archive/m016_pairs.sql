-- The pair index (see archive.search.pairs): whether it is wanted, and what is known of one that is there.
-- version: of its lists, null when there is none; done: articles with sort up to here are in it;
-- common: pairs that are left out, they stand in too many articles; words: in how many of 10,000 articles.
create table pair_index (
    id integer primary key check (id = 1),
    wanted text not null default 'auto' check (wanted in ('auto', 'on', 'off')),
    version integer, done integer not null default 0,
    common text not null default '', words text not null default '{}'
);
insert into pair_index (id) values (1);
