-- Words of the language, learned from the newest texts of the archive by archive/search/lexicon.py: those of several
-- syllables with what they gain over their syllables alone, single syllables without a mark with their share (in
-- hundredths) of all that are alike but for marks; '' with the second at which all this was learned.
create table lexicon (words text primary key, weight integer not null) without rowid;
-- How the words of a rule were understood when `diemtin alerts` told it last; null: never told.
alter table alerts add column read_as text;
