-- Searches that readers saved, each under a name.
create table searches (
    id integer primary key,
    user text not null,                -- '': the one list of all who have no account
    name text not null,
    asked text not null,               -- as the address of /tim has it
    seen_id integer not null, seen_at text not null,  -- the newest article when it was last looked at
    created_at text not null,
    unique (user, name)
);
