-- Events: stories of several outlets that tell one happening. An event has the id of the article that founded it, so that
-- the id of any of its articles leads to it (article_events), whatever was joined or split since.
create table events (
    id integer primary key,            -- = founder_article_id
    founder_article_id integer not null references articles (id),
    founded_sort integer not null,     -- articles.sort of the founder
    title text not null default '',
    first_published_at text, last_published_at text,
    articles integer not null default 1,
    stories integer not null default 1,
    outlets integer not null default 1,
    own integer not null default 1,    -- outlets that tell it in their own text; the others reprint
    burst_at text                      -- when a third of these joined within hours; null: it did not
);
create index events_sort on events (founded_sort);
create index events_burst on events (burst_at) where burst_at is not null;
create table article_events (
    article_id integer primary key references articles (id),
    event_id integer not null references events (id),
    score real                         -- how likely it tells what the founder tells, 0 to 1; null: not compared
);
create index article_events_event on article_events (event_id);
create table event_words (             -- in how many stories of late a word or a pair of words occurred (its checksum; 0: all stories)
    word integer primary key, stories integer not null
);
create table event_clues (             -- the rarest words and pairs of the stories of late, by which others find them
    clue integer not null, sort integer not null, article_id integer not null,
    primary key (clue, sort, article_id)
) without rowid;
create index event_clues_sort on event_clues (sort);
create table event_rulings (           -- an editor's word on two articles; it stands above every rule
    article_id integer not null, other_id integer not null,  -- the smaller id first
    together integer not null, made_at text not null,
    primary key (article_id, other_id)
) without rowid;
create index event_rulings_other on event_rulings (other_id);
