"""The tables of archive.db, as numbered, append-only migrations; opening an old archive upgrades it."""

import sqlite3
from pathlib import Path

from sqlite_utils import Database, Migrations

from archive.db import as_database, connect
from archive.text import fold, norm

migrations = Migrations("diemtin")


@migrations()
def m001_articles(db: Database) -> None:
    """Sources, articles, their versions and the stories that join them."""
    db.executescript("""
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
    """)


@migrations()
def m002_facts(db: Database) -> None:
    """What articles are about: topics, mentions, documents, figures."""
    db.executescript("""
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
    """)


@migrations()
def m003_work(db: Database) -> None:
    """Runs, alerts, digests and their deliveries."""
    db.executescript("""
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
    """)


@migrations()
def m004_search(db: Database) -> None:
    """The search index: exact and folded columns over a view that gives the original text for both.

    Measured in facts: highlights of folded hits then show real Vietnamese. ``rebuild`` must never be
    run on it (it would index the unfolded view); see ``archive.search.results.reindex``.
    """
    db.executescript("""
        create view articles_fts_source as
            select sort, title, case when lead = '' then body else lead || char(10) || body end as body,
                   title as title_f,
                   case when lead = '' then body else lead || char(10) || body end as body_f
            from articles;
        create virtual table articles_fts using fts5(
            title, body, title_f, body_f,
            content='articles_fts_source', content_rowid='sort', tokenize='unicode61 remove_diacritics 0');
        create trigger articles_fts_insert after insert on articles begin
            insert into articles_fts (rowid, title, body, title_f, body_f) values (
                new.sort, vn_norm(new.title), vn_norm(new.lead || char(10) || new.body),
                vn_fold(new.title), vn_fold(new.lead || char(10) || new.body));
        end;
        create trigger articles_fts_delete after delete on articles begin
            insert into articles_fts (articles_fts, rowid, title, body, title_f, body_f) values (
                'delete', old.sort, vn_norm(old.title), vn_norm(old.lead || char(10) || old.body),
                vn_fold(old.title), vn_fold(old.lead || char(10) || old.body));
        end;
        create trigger articles_fts_update after update of sort, title, lead, body on articles begin
            insert into articles_fts (articles_fts, rowid, title, body, title_f, body_f) values (
                'delete', old.sort, vn_norm(old.title), vn_norm(old.lead || char(10) || old.body),
                vn_fold(old.title), vn_fold(old.lead || char(10) || old.body));
            insert into articles_fts (rowid, title, body, title_f, body_f) values (
                new.sort, vn_norm(new.title), vn_norm(new.lead || char(10) || new.body),
                vn_fold(new.title), vn_fold(new.lead || char(10) || new.body));
        end;
    """)


@migrations()
def m005_topic_names(db: Database) -> None:
    """English names of topics, for English pages."""
    db.executescript("alter table topics add column name_en text not null default ''")


@migrations()
def m006_coverage(db: Database) -> None:
    """What the lists of a source named in the week before its newest run, and how much of it was kept."""
    db.executescript("""
        create table coverage (
            source text primary key,
            since_at text not null, until_at text not null,
            feeds integer, others integer,     -- addresses named by feeds; by sitemaps and sections; null: none
            both integer not null default 0,   -- by feeds and by others
            named integer not null default 0, kept integer not null default 0,
            rolled text not null default '[]'  -- lists that held nothing of the reading before
        ) without rowid
    """)


@migrations()
def m007_levels_and_headlines(db: Database) -> None:
    """How near each article is to the province; and stories of which only a list's words are known."""
    db.executescript("""
        alter table articles add column level text check (level in ('about', 'mention'));
        alter table articles add column unread text not null default '';  -- why there is no text yet
        update articles set level = case
            when relevant then 'about'
            when exists (select 1 from mentions m where m.article_id = articles.id and m.kind = 'place')
            then 'mention' end;
        create index articles_level on articles (level, sort);
        create index articles_unread on articles (sort) where unread <> '';
    """)


def prepare(connection: sqlite3.Connection) -> None:
    """Give a connection the functions that the search triggers call."""
    connection.create_function("vn_norm", 1, lambda text: norm(text or ""), deterministic=True)
    connection.create_function("vn_fold", 1, lambda text: fold(text or ""), deterministic=True)


def open_archive(path: Path | str) -> Database:
    """Open archive.db for writing, made or upgraded to the newest schema."""
    connection = connect(path)
    prepare(connection)
    db = as_database(connection)
    migrations.apply(db)
    return db
