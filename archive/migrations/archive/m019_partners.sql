-- What archive.db knows of itself and of pages.db: whether one lost what the other saw is told by this (archive/databases).
-- identity changes when it was found older; commits counts what may not be lost; next_id: ids below were given before.
create table partners (
    id integer primary key check (id = 1),
    identity text not null default (lower(hex(randomblob(8)))),
    commits integer not null default 0,
    partner text not null default '',          -- identity of pages.db as it was seen last
    partner_commits integer not null default 0,
    next_id integer not null default 0
);
insert into partners (id) values (1);
create trigger partners_articles after insert on articles
begin update partners set commits = commits + 1; end;
create trigger partners_versions after insert on versions
begin update partners set commits = commits + 1; end;
create trigger partners_states after insert on states
begin update partners set commits = commits + 1; end;
create trigger partners_digests after insert on digests
begin update partners set commits = commits + 1; end;
-- Articles of a source that pages.db knows as read and archive.db lost: told by health until they are back.
create table losses (
    source text primary key, articles integer not null, left_over integer not null, found_at text not null
) without rowid;
