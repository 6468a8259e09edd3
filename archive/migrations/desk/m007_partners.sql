-- What tells archive.db whether desk.db is the one it knew, and holds all that it saw of it (as archive/m019).
create table partners (
    id integer primary key check (id = 1),
    identity text not null default (lower(hex(randomblob(8)))),
    commits integer not null default 0
);
insert into partners (id) values (1);
create trigger partners_log after insert on log
begin update partners set commits = commits + 1; end;
create trigger partners_approvals after insert on approvals
begin update partners set commits = commits + 1; end;
create trigger partners_users after insert on users
begin update partners set commits = commits + 1; end;
