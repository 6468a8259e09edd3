-- pages.db as the release of November 2026 made it: schema and rows; the search index is filled by its triggers.
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
CREATE TABLE dictionaries (id integer primary key, source text not null, made_at text not null,
            body blob not null);
CREATE TABLE pages (
            id integer primary key, url text not null, source text not null, fetched_at text not null,
            content_type text not null default '', sha256 text not null,
            dictionary_id integer references dictionaries (id), size integer not null, body blob not null,
            unique (url, sha256)
        );
CREATE TABLE addresses (
            url text primary key, source text not null,
            found_at text not null, found_in text not null default '',
            hint text not null default '{}', published_at text,
            next_at text,
            outcome text, reason text not null default '',
            looks integer not null default 0, tries integer not null default 0,
            etag text, last_modified text, article_url text, ended_at text
        ) without rowid;
CREATE TABLE lists (
            url text primary key, source text not null, etag text, last_modified text,
            fetched_at text, title text, items integer,
            waiting text, depth integer not null default 1
        ) without rowid;
CREATE TABLE rests (
            source text primary key, until text not null, times integer not null, reason text not null
        ) without rowid;
CREATE TABLE visits (
            id integer primary key, run_id integer not null, url text not null, at text not null,
            outcome text not null, reason text not null default '', status integer, size integer
        );
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
CREATE INDEX dictionaries_source on dictionaries (source, id);
CREATE INDEX pages_source on pages (source, fetched_at);
CREATE INDEX addresses_due on addresses (source, next_at) where next_at is not null;
CREATE INDEX visits_run on visits (run_id);
CREATE INDEX visits_url on visits (url);
insert into "_sqlite_migrations" (id, migration_set, name, applied_at) values (1, 'diemtin-pages', 'm001_pages', '2026-11-28 20:50:26.887407+00:00');
insert into "dictionaries" (id, source, made_at, body) values (1, 'song-bang', '2026-11-20T01:00:00Z', x'3c21646f63747970652068746d6c3e3c68746d6c3e3c686561643e3c7469746c653e4e68c3a0206dc3a1792063e1baa36d206269e1babf6e2053c3b46e672042e1bab16e67206368e1baa179207468e1bbad3c2f7469746c653e3c2f686561643e3c626f64793e3c68313e4e68c3a0206dc3a1792063e1baa36d206269e1babf6e2053c3b46e672042e1bab16e67206368e1baa179207468e1bbad3c2f68313e3c703e4e68c3a0206dc3a179206ce1baaf702072c3a1702063e1baa36d206269e1babf6e20c491e1baa775207469c3aa6e2063e1bba761206b68752063c3b46e67206e676869e1bb87702053c3b46e672042e1bab16e67206368e1baa179207468e1bbad2073c3a16e67206e61792076e1bb9b6920333430206c616f20c491e1bb996e672e3c2f703e3c2f626f64793e3c2f68746d6c3e');
insert into "pages" (id, url, source, fetched_at, content_type, sha256, dictionary_id, size, body) values (1, 'https://song-bang.example/1.html', 'song-bang', '2026-11-20T01:00:00Z', 'text/html; charset=utf-8', 'f257f79379c7ad0fccca149366626806ae2f179b9a1d971bf6f85cf01bb42abb', null, 311, x'28b52ffd603700ed0500b28a26298029cd0133003890af044f0d0ded30526584e7db22a626c65c5b7423a57502bc191dd3d17a50980d1a8735c8c6ec796601946ba00b620f1810f872a0adf088644df85ba0bd58b974071f1c3d68a7bb88bae01d8fd90c174f5684bf89d9eced4118e13d31591a66cd4ad066f8286773ba7214b309ae5c4535b8b398bd1a6f10b3d3a3aced0f950b8ec2e0827b12a4ec610df29517615a12c6060b004c1b6f0bb19806a466966332613c8cec5b630d260e4f02c6bdd580929525');
insert into "pages" (id, url, source, fetched_at, content_type, sha256, dictionary_id, size, body) values (2, 'https://song-bang.example/1.html', 'song-bang', '2026-11-21T01:00:00Z', 'text/html; charset=utf-8', '489d60e4bcb36b99d3125c8e22fb9bf56d15a74319d8bb3ae4eff1a33e6a8388', 1, 311, x'28b52ffd6037005500000835020080cb848eba80');
insert into "addresses" (url, source, found_at, found_in, hint, published_at, next_at, outcome, reason, looks, tries, etag, last_modified, article_url, ended_at) values ('https://may-tre.example/3.html', 'may-tre', '2026-11-20T01:00:00Z', 'https://may-tre.example/rss', '{}', null, null, 'gone', 'máy chủ báo không còn trang (404)', 3, 0, null, null, null, '2026-11-20T01:00:00Z');
insert into "addresses" (url, source, found_at, found_in, hint, published_at, next_at, outcome, reason, looks, tries, etag, last_modified, article_url, ended_at) values ('https://may-tre.example/4.html', 'may-tre', '2026-11-20T01:00:00Z', 'https://may-tre.example/rss', '{}', null, '2026-11-20T02:00:00Z', 'failed', 'quá thời gian chờ', 1, 1, null, null, null, '2026-11-20T01:00:00Z');
insert into "addresses" (url, source, found_at, found_in, hint, published_at, next_at, outcome, reason, looks, tries, etag, last_modified, article_url, ended_at) values ('https://song-bang.example/1.html', 'song-bang', '2026-11-20T01:00:00Z', 'https://song-bang.example/rss', '{}', null, '2026-11-21T01:00:00Z', 'stored', '', 1, 0, null, null, null, '2026-11-20T01:00:00Z');
insert into "addresses" (url, source, found_at, found_in, hint, published_at, next_at, outcome, reason, looks, tries, etag, last_modified, article_url, ended_at) values ('https://song-bang.example/9.html', 'song-bang', '2026-11-20T01:00:00Z', 'https://song-bang.example/rss', '{}', null, null, 'irrelevant', 'không nhắc tên tỉnh', 1, 0, null, null, null, '2026-11-20T01:00:00Z');
insert into "lists" (url, source, etag, last_modified, fetched_at, title, items, waiting, depth) values ('https://may-tre.example/rss', 'may-tre', null, null, '2026-11-20T01:00:00Z', 'Mây Tre', 3, null, 1);
insert into "lists" (url, source, etag, last_modified, fetched_at, title, items, waiting, depth) values ('https://may-tre.example/sitemap.xml', 'may-tre', null, null, null, null, null, 'parse_sitemap', 1);
insert into "rests" (source, until, times, reason) values ('may-tre', '2026-11-20T05:00:00Z', 1, 'trang xin đọc thưa hơn (trả lời 503)');
insert into "visits" (id, run_id, url, at, outcome, reason, status, size) values (1, 1, 'https://song-bang.example/1.html', '2026-11-20T01:00:00Z', 'stored', '', 200, 900);
insert into "visits" (id, run_id, url, at, outcome, reason, status, size) values (2, 1, 'https://song-bang.example/9.html', '2026-11-20T01:00:00Z', 'irrelevant', 'không nhắc tên tỉnh', 200, 900);
insert into "visits" (id, run_id, url, at, outcome, reason, status, size) values (3, 1, 'https://may-tre.example/4.html', '2026-11-20T01:00:00Z', 'failed', 'quá thời gian chờ', 200, 900);
