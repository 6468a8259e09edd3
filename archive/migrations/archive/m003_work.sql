-- Runs, alerts, digests and their deliveries.
create table runs (
    id integer primary key, source text not null,
    started_at text not null, finished_at text,
    state text not null check (state in ('running', 'done', 'unreachable', 'failed', 'killed')),
    outcomes text not null default '{}',
    lists text not null default '{}',
    notes text not null default '{}',  -- what health watches: rules that missed, dates, text lengths
    reason text not null default ''
);
create index runs_source on runs (source, id);
create table alerts (name text primary key, title text, query text, digest text);
create table matches (
    alert text not null, article_id integer not null references articles (id),
    matched_at text not null,
    why text not null default 'new' check (why in ('new', 'edit')),
    primary key (alert, article_id)
) without rowid;
create index matches_article on matches (article_id);
create table pending (                 -- articles whose alerts are still to be evaluated
    article_id integer primary key references articles (id), why text not null, at text not null
);
create table digests (
    id integer primary key, name text not null, edition text not null,
    created_at text not null, sent_at text,
    state text not null, html text not null, text text not null default '',
    title text not null default '', covers_from text, covers_to text,
    content text not null default '{}',
    unique (name, edition)
);
create table deliveries (
    digest_id integer not null references digests (id), channel text not null,
    state text not null, attempts integer not null default 0, last_error text,
    next_at text, sent_at text, message_id text,
    primary key (digest_id, channel)
) without rowid;
