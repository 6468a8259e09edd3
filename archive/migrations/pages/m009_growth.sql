-- How far each rule of retention has looked, and what each kind of thing took on each day it was measured.
create table tidied (rule text primary key, until text not null) without rowid;
create table sizes (
    day text not null, kind text not null, bytes integer not null, primary key (day, kind)
) without rowid;
