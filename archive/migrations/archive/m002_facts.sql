-- What articles are about: topics, mentions, documents, figures.
create table topics (key text primary key, name text not null, query text, weight real);
create table article_topics (
    article_id integer not null references articles (id), topic text not null,
    primary key (topic, article_id)
) without rowid;
create index article_topics_article on article_topics (article_id);
create table mentions (
    article_id integer not null references articles (id),
    kind text not null check (kind in ('place', 'organisation', 'person')),
    name text not null, count integer not null,
    primary key (kind, name, article_id)
) without rowid;
create index mentions_article on mentions (article_id);
create table documents (number text primary key, kind text, issuer text, issued_on text);
create table article_documents (
    article_id integer not null references articles (id),
    number text not null references documents (number), dated text, quote text,
    primary key (number, article_id)
) without rowid;
create index article_documents_article on article_documents (article_id);
create table figures (
    id integer primary key, article_id integer not null references articles (id),
    indicator text not null, value real not null, unit text not null, qualifier text,
    rank_of integer, period text, kind text not null check (kind in ('actual', 'target')),
    quote text not null
);
create index figures_article on figures (article_id);
create table shingles (
    hash integer, article_id integer, primary key (hash, article_id)
) without rowid;
create index shingles_article on shingles (article_id);
