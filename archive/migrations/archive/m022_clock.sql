-- Times of the future that a clock ahead had left, and were set right: when that was found, the span they lay in,
-- the time they were moved to, how many. What stood in evidence before is kept, a row for each field.
create table clock_jumps (
    id integer primary key, found_at text not null, was_from text not null, was_to text not null,
    became_from text not null, became_to text not null, fields integer not null default 0
);
create table corrected_times (
    jump integer not null references clock_jumps (id), name text not null, row integer not null,
    field text not null, was text not null
);
create index corrected_times_row on corrected_times (name, row)
