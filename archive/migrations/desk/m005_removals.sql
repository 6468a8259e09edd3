-- Requests to take an article out of the public's sight: who asked when and on what ground, who decided what and why.
create table removals (
    id integer primary key,
    article_id integer not null,
    url text not null, title text not null default '',  -- as they stood when it was asked
    asked_by text not null, ground text not null, asked_on text not null,
    entered_by text not null default '', entered_at text not null,
    decision text not null default '' check (decision in ('', 'withheld', 'refused')),
    why text not null default '', decided_by text not null default '', decided_at text
);
create index removals_article on removals (article_id);
