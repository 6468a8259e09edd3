-- What the public may see: outlets that agreed to have their leads shown ('' did not), articles that were asked away.
alter table sources add column agreed text not null default '';
create table withheld (article_id integer primary key references articles (id), since text not null);
