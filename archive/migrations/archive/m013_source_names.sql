-- Names that outlets had before, each with when another one was first read from the config: reports say both.
create table source_names (
    source text not null, name text not null, until_at text not null, primary key (source, name)
) without rowid;
