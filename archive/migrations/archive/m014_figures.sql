-- Figures of a known indicator, whose they are and where they stand; three more kinds; periods in normal form.
create table figures_new (
    id integer primary key, article_id integer not null references articles (id),
    key text not null default '', indicator text not null, value real not null, unit text not null,
    qualifier text, rank_of integer, period text, base text,
    kind text not null check (kind in ('actual', 'target', 'estimate', 'plan', 'said')),
    subject_kind text not null default '' check (subject_kind in ('', 'province', 'unit', 'company', 'country', 'other')),
    subject text not null default '', place text not null default '',
    quote text not null, starts integer, ends integer
);
insert into figures_new (id, article_id, indicator, value, unit, qualifier, rank_of, period, kind, quote)
    select id, article_id, indicator, value, unit, qualifier, rank_of,
        case when period glob '[12][0-9][0-9][0-9]' then period
             when period glob '[12][0-9][0-9][0-9]-[12][0-9][0-9][0-9]' then replace(period, '-', '..') end,
        kind, quote
    from figures;
drop table figures;
alter table figures_new rename to figures;
create index figures_article on figures (article_id);
create index figures_key on figures (key, article_id) where key <> '';
create index figures_known on figures (article_id) where key <> '';
