-- What pages.db knows of itself and of archive.db (as archive/m019); mending: what was found and is not mended yet.
create table partners (
    id integer primary key check (id = 1),
    identity text not null default (lower(hex(randomblob(8)))),
    commits integer not null default 0,
    partner text not null default '',          -- identity of archive.db as it was seen last
    partner_commits integer not null default 0,
    mending text not null default ''
);
insert into partners (id) values (1);
create trigger partners_visits after insert on visits
begin update partners set commits = commits + 1; end;
create trigger partners_pages after insert on pages
begin update partners set commits = commits + 1; end;
-- Which article archive.db held after a visit, and in which text; lost_at: since when it is known to be missing there.
alter table addresses add column article_id integer;
alter table addresses add column text_sha256 text;
alter table addresses add column lost_at text;
create index addresses_lost on addresses (source) where lost_at is not null;
