-- The desk: who works at it, what they decide and write, and what was approved.
create table users (
    name text primary key,
    role text not null check (role in ('reader', 'editor', 'admin')),
    password text not null,            -- its hash, with salt and cost
    email text not null default '',
    created_at text not null, changed_at text not null
);
create table sessions (
    token text primary key,            -- sha256 of what the cookie holds
    user text not null references users (name),
    created_at text not null, seen_at text not null, until text not null,
    address text not null default ''
) without rowid;
create index sessions_user on sessions (user);
create table choices (                 -- what is decided on an article for one open window of a digest
    digest text not null,
    window text not null,              -- covers_to of the digest's last edition; '' before the first one
    article_id integer not null,
    mark text check (mark in ('chosen', 'left', 'irrelevant')),
    why text not null default '',      -- of irrelevant: a stored reason
    star integer not null default 0,
    comment text not null default '',
    section text,                      -- null: where its rule puts it
    position real,                     -- null: by outlets and time
    title text not null default '',    -- '': the outlet's own
    summary text not null default '',
    head_id integer,                   -- told with that article's story
    apart integer not null default 0,  -- told by itself, not with its automatic story
    rev integer not null,
    changed_by text not null, changed_at text not null,
    primary key (digest, window, article_id)
) without rowid;
create table notes (                   -- for colleagues, about an article in whatever digest
    article_id integer primary key,
    tone text check (tone in ('good', 'neutral', 'bad')),
    note text not null default '',
    assignee text not null default '', due text,
    rev integer not null,
    changed_by text not null, changed_at text not null
);
create table reads (
    user text not null, article_id integer not null, at text not null,
    primary key (user, article_id)
) without rowid;
create table looks (                   -- when each person last looked at a digest's desk
    user text not null, digest text not null, at text not null,
    primary key (user, digest)
) without rowid;
create table approvals (
    id integer primary key,
    digest text not null, window text not null, edition text not null,
    content text not null,             -- what was approved, as it goes out
    by text not null, at text not null,
    digest_id integer                  -- null: its edition is not made yet
);
create index approvals_window on approvals (digest, window);
create table reminders (               -- mails that an edition waits, each sent once
    digest text not null, edition text not null, kind text not null, at text not null,
    primary key (digest, edition, kind)
) without rowid;
create table log (
    id integer primary key,
    at text not null, by text not null,
    what text not null,                -- a stored reason
    digest text not null default '', window text not null default '', article_id integer,
    before text,                       -- the row as it stood, where the change can be undone
    undone integer not null default 0
);
create index log_window on log (digest, window, id);
create index log_article on log (article_id, id) where article_id is not null;
