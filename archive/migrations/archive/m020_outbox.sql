-- Who is sending a delivery, and how often its text went out without an answer.
alter table deliveries add column owner text;
alter table deliveries add column unsure integer not null default 0
