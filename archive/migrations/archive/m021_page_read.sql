-- The page that the text of an article was read from: when it was fetched, and its SHA-256.
alter table articles add column page_at text;
alter table articles add column page_sha256 text
