-- What archive.db saw of desk.db last; desk_lost_at: when it was found missing or older.
alter table partners add column desk text not null default '';
alter table partners add column desk_commits integer not null default 0;
alter table partners add column desk_lost_at text;
