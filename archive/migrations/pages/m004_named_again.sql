-- When a list named an address last, and what each list said of it.
alter table addresses add column named_at text;   -- null: when it was found
alter table addresses add column named_in text;   -- the list that named it then
alter table addresses add column said text not null default '{}';
alter table lists add column answered_at text;    -- read, or unchanged since
