-- The register of what needs an answer: who asked what of an article, who answers until when, and what came of it.
create table register (
    id integer primary key,
    article_id integer not null,
    source text not null default '', title text not null default '',  -- as they stood when it was entered
    whole_story integer not null default 0,  -- every article of its story is meant
    asked text not null, asked_by text not null default '', asked_on text not null,
    assignee text not null default '', due text, note text not null default '',
    answered_on text, answer text not null default '', answer_url text not null default '',
    outcome text check (outcome in ('edited', 'corrected', 'removed', 'kept')), outcome_on text,
    proof_article integer, proof_version integer,  -- in archive.db; no version: the take-down
    proof_at text,
    seen_until text not null,          -- edits and take-downs up to then were looked at
    closed text check (closed in ('closed', 'withdrawn')),
    entered_by text not null default '', entered_at text not null,
    rev integer not null,
    changed_by text not null, changed_at text not null
);
create index register_article on register (article_id);
create index register_due on register (due) where answered_on is null and closed is null;
alter table log add column register_id integer;
create index log_register on log (register_id, id) where register_id is not null;
