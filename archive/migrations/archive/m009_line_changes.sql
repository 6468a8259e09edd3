-- Shapes of lines that came, went or changed on a source's articles of late; article_id 0: known to be furniture,
-- because they did so on several.
create table line_changes (
    source text not null, shape integer not null, article_id integer not null, at text not null,
    primary key (source, shape, article_id)
) without rowid;
