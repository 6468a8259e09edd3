create table dictionaries (id integer primary key, source text not null, made_at text not null,
    body blob not null);
create index dictionaries_source on dictionaries (source, id);
create table pages (
    id integer primary key, url text not null, source text not null, fetched_at text not null,
    content_type text not null default '', sha256 text not null,
    dictionary_id integer references dictionaries (id), size integer not null, body blob not null,
    unique (url, sha256)
);
create index pages_source on pages (source, fetched_at);
create table addresses (
    url text primary key, source text not null,
    found_at text not null, found_in text not null default '',
    hint text not null default '{}', published_at text,
    next_at text,                      -- when to look (again); null: never
    outcome text, reason text not null default '',
    looks integer not null default 0, tries integer not null default 0,
    etag text, last_modified text, article_url text, ended_at text
) without rowid;
create index addresses_due on addresses (source, next_at) where next_at is not null;
create table lists (
    url text primary key, source text not null, etag text, last_modified text,
    fetched_at text, title text, items integer,
    waiting text, depth integer not null default 1  -- waiting: kind of a further list still to be read
) without rowid;
create table rests (                   -- sources that asked us to come back later
    source text primary key, until text not null, times integer not null, reason text not null
) without rowid;
create table visits (
    id integer primary key, run_id integer not null, url text not null, at text not null,
    outcome text not null, reason text not null default '', status integer, size integer
);
create index visits_run on visits (run_id);
create index visits_url on visits (url);
