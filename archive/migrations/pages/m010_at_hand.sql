-- What is being read now; a row that outlives its process says what ended it. times: processes that began with it.
create table at_hand (
    url text primary key,
    source text not null,
    began_at text not null,
    times integer not null default 1
);
