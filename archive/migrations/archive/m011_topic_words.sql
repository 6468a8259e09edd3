-- The words of topics.yml by points: where a story stands is decided by them too (archive/digests/placing.py).
alter table topics add column words text not null default '{}';
