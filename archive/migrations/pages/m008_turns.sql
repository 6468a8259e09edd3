-- Which address is visited next is asked of indexes, however many wait: crawler/state/turns.py.
alter table addresses add column place integer not null default 0;  -- in the list that named it first
alter table addresses add column pattern integer;                   -- crawler.listings.patterns, as a checksum
drop index addresses_due;
create index addresses_new on addresses (source, published_at, found_at desc, place) where outcome is null;
create index addresses_again on addresses (source, next_at) where outcome is not null;
create index addresses_pattern on addresses (source, pattern) where outcome is null and published_at is null;
alter table lists add column left_out text not null default '{}';   -- pattern: how many of its links were not taken
