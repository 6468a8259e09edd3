-- English names of topics, for English pages.
alter table topics add column name_en text not null default '';
