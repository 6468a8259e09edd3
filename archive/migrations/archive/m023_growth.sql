-- How far each rule of retention has looked.
create table tidied (rule text primary key, until text not null) without rowid;
