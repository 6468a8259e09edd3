-- Sources, articles, their versions and the stories that join them.
create table sources (
    key text primary key, name text not null, home text, kind text,
    state text not null default 'live', every integer, expect text not null default '{}'
);
create table articles (
    id integer primary key,
    sort integer not null unique,      -- published minute * 1024 + slot: newest first without sorting
    url text not null unique,
    source text not null,
    title text not null,
    lead text not null default '',
    body text not null default '',
    authors text not null default '[]',
    section text, image text,
    published_at text, published_from text,
    first_seen_at text not null, last_seen_at text not null,
    state text not null default 'live' check (state in ('live', 'gone')),
    suspected_at text, gone_at text,
    relevant integer not null default 0, score real not null default 0,
    why text not null default '[]',
    story_id integer,
    credit text, credit_url text,
    sha256 text not null,
    changed_at text,
    read_by text not null default '',  -- which reading rules made this text
    edits integer not null default 0
);
create index articles_source on articles (source, sort);
create index articles_story on articles (story_id);
create index articles_sha256 on articles (sha256);
create index articles_first_seen on articles (first_seen_at, source);
create index articles_changed on articles (changed_at) where changed_at is not null;
create index articles_gone on articles (gone_at) where gone_at is not null;
create table versions (
    id integer primary key,
    article_id integer not null references articles (id),
    seen_at text not null,
    kind text not null check (kind in ('first', 'edit', 'extractor')),
    title text not null, lead text not null, body text not null,
    sha256 text not null,
    changes text not null default '[]'
);
create index versions_article on versions (article_id, id);
create table stories (
    id integer primary key,
    title text not null,
    first_article_id integer not null,
    first_published_at text,
    articles integer not null default 1,
    outlets integer not null default 1
);
create table states (                  -- every change between live, suspected and gone
    article_id integer not null references articles (id),
    at text not null, state text not null, reason text not null default ''
);
create index states_article on states (article_id, at);
