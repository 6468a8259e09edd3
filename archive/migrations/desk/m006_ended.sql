-- Cookies of the shared password that were taken back by logging out, until they would have ended by themselves.
create table ended (
    cookie text primary key,
    until text not null
);
