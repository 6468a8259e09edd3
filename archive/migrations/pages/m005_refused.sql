-- Which addresses were refused although the province is named, and which of them someone wants kept.
alter table addresses add column names_in text;    -- 'list' or 'page': where a refused one names it
alter table addresses add column refused_at text;  -- since when its visits end so
alter table addresses add column wanted_at text;   -- when someone asked to keep it whatever it says
create index addresses_refused on addresses (refused_at) where refused_at is not null;
create index addresses_wanted on addresses (next_at) where wanted_at is not null;
