-- How each kept page came, and how the address of a kept article answered when its page was missing.
create table certificates (sha256 text primary key, der blob not null) without rowid;
create table fetches (
    id integer primary key,
    url text not null,                     -- as in pages: the address of the article
    part integer not null default 0,       -- 0: its page; 1 and on: the further pages of a long story
    page_sha256 text,                      -- as in pages; null where no page of this fetch is kept
    text_sha256 text,                      -- as in versions: the text that was read off it
    asked text not null, answered text not null, redirects text not null default '[]',
    at text not null, status integer not null,
    sha256 text not null, size integer not null, encoding text not null default '', -- body, unpacked; how it was packed
    ip text not null default '', protocol text not null default '',
    certificate text references certificates (sha256),
    request text not null default '[]', response text not null default '[]'  -- headers as JSON: [[name, value]]
);
create index fetches_url on fetches (url, id);
