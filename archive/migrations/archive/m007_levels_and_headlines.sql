-- How near each article is to the province; and stories of which only a list's words are known.
alter table articles add column level text check (level in ('about', 'mention'));
alter table articles add column unread text not null default '';  -- why there is no text yet
update articles set level = case
    when relevant then 'about'
    when exists (select 1 from mentions m where m.article_id = articles.id and m.kind = 'place')
    then 'mention' end;
create index articles_level on articles (level, sort);
create index articles_unread on articles (sort) where unread <> '';
