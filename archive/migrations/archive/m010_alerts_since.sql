-- When a rule was first seen: a digest that never matched begins there, and a new one is not late at once.
alter table alerts add column since text;
