-- archive.db as the release of November 2026 made it: schema and rows; the search index is filled by its triggers.
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
CREATE TABLE sources (
            key text primary key, name text not null, home text, kind text,
            state text not null default 'live', every integer, expect text not null default '{}'
        );
CREATE TABLE articles (
            id integer primary key,
            sort integer not null unique,
            url text not null unique,
            source text not null,
            title text not null,
            lead text not null default '',
            body text not null default '',
            authors text not null default '[]',
            section text, image text,
            published_at text, published_from text,
            first_seen_at text not null, last_seen_at text not null,
            state text not null default 'live' check (state in ('live', 'gone')),
            suspected_at text, gone_at text,
            relevant integer not null default 0, score real not null default 0,
            why text not null default '[]',
            story_id integer,
            credit text, credit_url text,
            sha256 text not null,
            changed_at text,
            read_by text not null default '',
            edits integer not null default 0
        );
CREATE TABLE versions (
            id integer primary key,
            article_id integer not null references articles (id),
            seen_at text not null,
            kind text not null check (kind in ('first', 'edit', 'extractor')),
            title text not null, lead text not null, body text not null,
            sha256 text not null,
            changes text not null default '[]'
        );
CREATE TABLE stories (
            id integer primary key,
            title text not null,
            first_article_id integer not null,
            first_published_at text,
            articles integer not null default 1,
            outlets integer not null default 1
        );
CREATE TABLE states (
            article_id integer not null references articles (id),
            at text not null, state text not null, reason text not null default ''
        );
CREATE TABLE topics (key text primary key, name text not null, query text, weight real);
CREATE TABLE article_topics (
            article_id integer not null references articles (id), topic text not null,
            primary key (topic, article_id)
        ) without rowid;
CREATE TABLE mentions (
            article_id integer not null references articles (id),
            kind text not null check (kind in ('place', 'organisation', 'person')),
            name text not null, count integer not null,
            primary key (kind, name, article_id)
        ) without rowid;
CREATE TABLE documents (number text primary key, kind text, issuer text, issued_on text);
CREATE TABLE article_documents (
            article_id integer not null references articles (id),
            number text not null references documents (number), dated text, quote text,
            primary key (number, article_id)
        ) without rowid;
CREATE TABLE figures (
            id integer primary key, article_id integer not null references articles (id),
            indicator text not null, value real not null, unit text not null, qualifier text,
            rank_of integer, period text, kind text not null check (kind in ('actual', 'target')),
            quote text not null
        );
CREATE TABLE shingles (
            hash integer, article_id integer, primary key (hash, article_id)
        ) without rowid;
CREATE TABLE runs (
            id integer primary key, source text not null,
            started_at text not null, finished_at text,
            state text not null check (state in ('running', 'done', 'unreachable', 'failed', 'killed')),
            outcomes text not null default '{}',
            lists text not null default '{}',
            notes text not null default '{}',
            reason text not null default ''
        );
CREATE TABLE alerts (name text primary key, title text, query text, digest text);
CREATE TABLE matches (
            alert text not null, article_id integer not null references articles (id),
            matched_at text not null,
            why text not null default 'new' check (why in ('new', 'edit')),
            primary key (alert, article_id)
        ) without rowid;
CREATE TABLE pending (
            article_id integer primary key references articles (id), why text not null, at text not null
        );
CREATE TABLE digests (
            id integer primary key, name text not null, edition text not null,
            created_at text not null, sent_at text,
            state text not null, html text not null, text text not null default '',
            title text not null default '', covers_from text, covers_to text,
            content text not null default '{}',
            unique (name, edition)
        );
CREATE TABLE deliveries (
            digest_id integer not null references digests (id), channel text not null,
            state text not null, attempts integer not null default 0, last_error text,
            next_at text, sent_at text, message_id text,
            primary key (digest_id, channel)
        ) without rowid;
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
CREATE INDEX articles_source on articles (source, sort);
CREATE INDEX articles_story on articles (story_id);
CREATE INDEX articles_sha256 on articles (sha256);
CREATE INDEX articles_first_seen on articles (first_seen_at, source);
CREATE INDEX articles_changed on articles (changed_at) where changed_at is not null;
CREATE INDEX articles_gone on articles (gone_at) where gone_at is not null;
CREATE INDEX versions_article on versions (article_id, id);
CREATE INDEX states_article on states (article_id, at);
CREATE INDEX article_topics_article on article_topics (article_id);
CREATE INDEX mentions_article on mentions (article_id);
CREATE INDEX article_documents_article on article_documents (article_id);
CREATE INDEX figures_article on figures (article_id);
CREATE INDEX shingles_article on shingles (article_id);
CREATE INDEX runs_source on runs (source, id);
CREATE INDEX matches_article on matches (article_id);
CREATE VIRTUAL TABLE articles_fts using fts5(
            title, body, title_f, body_f,
            content='articles_fts_source', content_rowid='sort', tokenize='unicode61 remove_diacritics 0');
CREATE TRIGGER articles_fts_insert after insert on articles begin
            insert into articles_fts (rowid, title, body, title_f, body_f) values (
                new.sort, vn_norm(new.title), vn_norm(new.lead || char(10) || new.body),
                vn_fold(new.title), vn_fold(new.lead || char(10) || new.body));
        end;
CREATE TRIGGER articles_fts_delete after delete on articles begin
            insert into articles_fts (articles_fts, rowid, title, body, title_f, body_f) values (
                'delete', old.sort, vn_norm(old.title), vn_norm(old.lead || char(10) || old.body),
                vn_fold(old.title), vn_fold(old.lead || char(10) || old.body));
        end;
CREATE TRIGGER articles_fts_update after update of sort, title, lead, body on articles begin
            insert into articles_fts (articles_fts, rowid, title, body, title_f, body_f) values (
                'delete', old.sort, vn_norm(old.title), vn_norm(old.lead || char(10) || old.body),
                vn_fold(old.title), vn_fold(old.lead || char(10) || old.body));
            insert into articles_fts (rowid, title, body, title_f, body_f) values (
                new.sort, vn_norm(new.title), vn_norm(new.lead || char(10) || new.body),
                vn_fold(new.title), vn_fold(new.lead || char(10) || new.body));
        end;
insert into "_sqlite_migrations" (id, migration_set, name, applied_at) values (1, 'diemtin', 'm001_articles', '2026-11-28 20:50:26.835476+00:00');
insert into "_sqlite_migrations" (id, migration_set, name, applied_at) values (2, 'diemtin', 'm002_facts', '2026-11-28 20:50:26.837184+00:00');
insert into "_sqlite_migrations" (id, migration_set, name, applied_at) values (3, 'diemtin', 'm003_work', '2026-11-28 20:50:26.839427+00:00');
insert into "_sqlite_migrations" (id, migration_set, name, applied_at) values (4, 'diemtin', 'm004_search', '2026-11-28 20:50:26.849058+00:00');
insert into "sources" (key, name, home, kind, state, every, expect) values ('song-bang', 'Báo Sông Bằng', 'https://song-bang.example/', 'national', 'live', 1800, '{}');
insert into "sources" (key, name, home, kind, state, every, expect) values ('may-tre', 'Tạp chí Mây Tre', 'https://may-tre.example/', 'national', 'live', 1800, '{}');
insert into "sources" (key, name, home, kind, state, every, expect) values ('chan', 'Báo Chặn', 'https://chan.example/', 'national', 'blocked', 1800, '{}');
insert into "articles" (id, sort, url, source, title, lead, body, authors, section, image, published_at, published_from, first_seen_at, last_seen_at, state, suspected_at, gone_at, relevant, score, why, story_id, credit, credit_url, sha256, changed_at, read_by, edits) values (1, 30636993536, 'https://song-bang.example/1.html', 'song-bang', 'Nhà máy cảm biến Sông Bằng chạy thử', 'Nhà máy lắp ráp cảm biến đầu tiên của khu công nghiệp Sông Bằng chạy thử sáng nay với 340 lao động.', 'Sau mười bốn tháng xây dựng, dây chuyền thứ nhất đã cho ra lô hàng mẫu gồm 12.500 chiếc cảm biến.
Chủ đầu tư cho biết tổng vốn giai đoạn đầu là 1.820 tỷ đồng, trong đó phần thiết bị chiếm 61,5%.
Phần lớn công nhân là người trong vùng, được học nghề ba tháng ở trường cao đẳng rồi mới vào xưởng.
Dự kiến đến quý II năm 2027, nhà máy chạy hai ca và đạt sản lượng 4 triệu sản phẩm mỗi năm.', '[]', null, null, '2026-11-20T00:59:00Z', 'jsonld', '2026-11-20T01:00:00Z', '2026-11-21T01:00:00Z', 'live', null, null, 1, 6.0, '["«Sông Bằng» ở tiêu đề (3 điểm)"]', 1, null, null, '90edde92fa794ef77b66bd3eb470d77c6782ac1d1c8712d1f80a5c544ee1fd33', '2026-11-21T01:00:00Z', 'old', 1);
insert into "articles" (id, sort, url, source, title, lead, body, authors, section, image, published_at, published_from, first_seen_at, last_seen_at, state, suspected_at, gone_at, relevant, score, why, story_id, credit, credit_url, sha256, changed_at, read_by, edits) values (2, 30636992512, 'https://may-tre.example/2.html', 'may-tre', 'Nhà máy chạy thử ở Sông Bằng', 'Nhà máy lắp ráp cảm biến đầu tiên của khu công nghiệp Sông Bằng chạy thử sáng nay với 340 lao động.', 'Sau mười bốn tháng xây dựng, dây chuyền thứ nhất đã cho ra lô hàng mẫu gồm 12.500 chiếc cảm biến.
Chủ đầu tư cho biết tổng vốn giai đoạn đầu là 1.280 tỷ đồng, trong đó phần thiết bị chiếm 61,5%.
Phần lớn công nhân là người trong vùng, được học nghề ba tháng ở trường cao đẳng rồi mới vào xưởng.
Dự kiến đến quý II năm 2027, nhà máy chạy hai ca và đạt sản lượng 4 triệu sản phẩm mỗi năm.', '[]', null, null, '2026-11-20T00:58:00Z', 'jsonld', '2026-11-20T02:00:00Z', '2026-11-21T02:00:00Z', 'live', null, null, 1, 6.0, '["«Sông Bằng» ở tiêu đề (3 điểm)"]', 1, 'Báo Sông Bằng', 'https://song-bang.example/1.html', '7df515f2aa64413205cafd2de89379c1570bf1a26540fdccb1eabca68636d449', null, 'old', 0);
insert into "articles" (id, sort, url, source, title, lead, body, authors, section, image, published_at, published_from, first_seen_at, last_seen_at, state, suspected_at, gone_at, relevant, score, why, story_id, credit, credit_url, sha256, changed_at, read_by, edits) values (3, 30636991488, 'https://may-tre.example/3.html', 'may-tre', 'Xã Hạ Bằng đưa chuyển đổi số tới từng xóm', '', 'Tổ công nghệ số của xã Hạ Bằng đã tới 14 xóm tháng này. Bà con được chỉ cách nộp hồ sơ trên mạng. Mỗi tối thứ Bảy, nhà văn hóa xóm mở cửa để ai cũng có thể hỏi cán bộ trẻ về điện thoại của mình.
Chủ tịch xã nói rằng chuyển đổi số chỉ có ích khi người già cũng dùng được dịch vụ công trực tuyến.', '[]', null, null, '2026-11-20T00:57:00Z', 'jsonld', '2026-11-20T02:00:00Z', '2026-11-20T02:00:00Z', 'gone', '2026-11-21T01:00:00Z', '2026-11-22T01:00:00Z', 1, 6.0, '["«Sông Bằng» ở tiêu đề (3 điểm)"]', 2, null, null, 'f4d6f19fd7e4a8948fbd69d1fc8ca83f61d0dc46dc8280a35234865518bb0a51', null, 'old', 0);
insert into "versions" (id, article_id, seen_at, kind, title, lead, body, sha256, changes) values (1, 1, '2026-11-20T01:00:00Z', 'first', 'Nhà máy cảm biến Sông Bằng chạy thử', 'Nhà máy lắp ráp cảm biến đầu tiên của khu công nghiệp Sông Bằng chạy thử sáng nay với 340 lao động.', 'Sau mười bốn tháng xây dựng, dây chuyền thứ nhất đã cho ra lô hàng mẫu gồm 12.500 chiếc cảm biến.
Chủ đầu tư cho biết tổng vốn giai đoạn đầu là 1.280 tỷ đồng, trong đó phần thiết bị chiếm 61,5%.
Phần lớn công nhân là người trong vùng, được học nghề ba tháng ở trường cao đẳng rồi mới vào xưởng.
Dự kiến đến quý II năm 2027, nhà máy chạy hai ca và đạt sản lượng 4 triệu sản phẩm mỗi năm.', 'fb89e6ab921d332ab7db977050cef8f0fe8e00550ca3198ff3e3af6da3bbff27', '[]');
insert into "versions" (id, article_id, seen_at, kind, title, lead, body, sha256, changes) values (2, 2, '2026-11-20T02:00:00Z', 'first', 'Nhà máy chạy thử ở Sông Bằng', 'Nhà máy lắp ráp cảm biến đầu tiên của khu công nghiệp Sông Bằng chạy thử sáng nay với 340 lao động.', 'Sau mười bốn tháng xây dựng, dây chuyền thứ nhất đã cho ra lô hàng mẫu gồm 12.500 chiếc cảm biến.
Chủ đầu tư cho biết tổng vốn giai đoạn đầu là 1.280 tỷ đồng, trong đó phần thiết bị chiếm 61,5%.
Phần lớn công nhân là người trong vùng, được học nghề ba tháng ở trường cao đẳng rồi mới vào xưởng.
Dự kiến đến quý II năm 2027, nhà máy chạy hai ca và đạt sản lượng 4 triệu sản phẩm mỗi năm.', '7df515f2aa64413205cafd2de89379c1570bf1a26540fdccb1eabca68636d449', '[]');
insert into "versions" (id, article_id, seen_at, kind, title, lead, body, sha256, changes) values (3, 3, '2026-11-20T02:00:00Z', 'first', 'Xã Hạ Bằng đưa chuyển đổi số tới từng xóm', '', 'Tổ công nghệ số của xã Hạ Bằng đã tới 14 xóm tháng này. Bà con được chỉ cách nộp hồ sơ trên mạng. Mỗi tối thứ Bảy, nhà văn hóa xóm mở cửa để ai cũng có thể hỏi cán bộ trẻ về điện thoại của mình.
Chủ tịch xã nói rằng chuyển đổi số chỉ có ích khi người già cũng dùng được dịch vụ công trực tuyến.', 'f4d6f19fd7e4a8948fbd69d1fc8ca83f61d0dc46dc8280a35234865518bb0a51', '[]');
insert into "versions" (id, article_id, seen_at, kind, title, lead, body, sha256, changes) values (4, 1, '2026-11-21T01:00:00Z', 'edit', 'Nhà máy cảm biến Sông Bằng chạy thử', 'Nhà máy lắp ráp cảm biến đầu tiên của khu công nghiệp Sông Bằng chạy thử sáng nay với 340 lao động.', 'Sau mười bốn tháng xây dựng, dây chuyền thứ nhất đã cho ra lô hàng mẫu gồm 12.500 chiếc cảm biến.
Chủ đầu tư cho biết tổng vốn giai đoạn đầu là 1.820 tỷ đồng, trong đó phần thiết bị chiếm 61,5%.
Phần lớn công nhân là người trong vùng, được học nghề ba tháng ở trường cao đẳng rồi mới vào xưởng.
Dự kiến đến quý II năm 2027, nhà máy chạy hai ca và đạt sản lượng 4 triệu sản phẩm mỗi năm.', '90edde92fa794ef77b66bd3eb470d77c6782ac1d1c8712d1f80a5c544ee1fd33', '[{"kind": "figure", "field": "body", "before": "1.280 tỷ đồng", "after": "1.820 tỷ đồng"}]');
insert into "stories" (id, title, first_article_id, first_published_at, articles, outlets) values (1, 'Nhà máy chạy thử ở Sông Bằng', 2, '2026-11-20T00:58:00Z', 2, 2);
insert into "stories" (id, title, first_article_id, first_published_at, articles, outlets) values (2, 'Xã Hạ Bằng đưa chuyển đổi số tới từng xóm', 3, '2026-11-20T00:57:00Z', 1, 1);
insert into "states" (article_id, at, state, reason) values (3, '2026-11-21T01:00:00Z', 'suspected', 'máy chủ báo không còn trang (404)');
insert into "states" (article_id, at, state, reason) values (3, '2026-11-22T01:00:00Z', 'gone', 'máy chủ báo không còn trang (404)');
insert into "states" (article_id, at, state, reason) values (2, '2026-11-21T01:00:00Z', 'suspected', 'chuyển về trang chủ');
insert into "states" (article_id, at, state, reason) values (2, '2026-11-21T02:00:00Z', 'live', 'trang đọc được trở lại');
insert into "topics" (key, name, query, weight) values ('cong-nghiep', 'Công nghiệp', '"nhà máy" OR "khu công nghiệp"', 1.0);
insert into "article_topics" (article_id, topic) values (1, 'cong-nghiep');
insert into "article_topics" (article_id, topic) values (2, 'cong-nghiep');
insert into "article_topics" (article_id, topic) values (3, 'cong-nghiep');
insert into "mentions" (article_id, kind, name, count) values (1, 'place', 'Sông Bằng', 2);
insert into "mentions" (article_id, kind, name, count) values (2, 'place', 'Sông Bằng', 2);
insert into "mentions" (article_id, kind, name, count) values (3, 'place', 'Sông Bằng', 2);
insert into "documents" (number, kind, issuer, issued_on) values ('52-NQ/TW', 'nghị quyết', 'Bộ Chính trị', '2019-09-27');
insert into "article_documents" (article_id, number, dated, quote) values (1, '52-NQ/TW', '2019-09-27', 'Theo Nghị quyết 52-NQ/TW.');
insert into "article_documents" (article_id, number, dated, quote) values (2, '52-NQ/TW', '2019-09-27', 'Theo Nghị quyết 52-NQ/TW.');
insert into "article_documents" (article_id, number, dated, quote) values (3, '52-NQ/TW', '2019-09-27', 'Theo Nghị quyết 52-NQ/TW.');
insert into "figures" (id, article_id, indicator, value, unit, qualifier, rank_of, period, kind, quote) values (2, 2, 'vốn đầu tư', 1280000000000.0, 'đồng', null, null, null, 'actual', 'tổng vốn giai đoạn đầu là 1.280 tỷ đồng');
insert into "figures" (id, article_id, indicator, value, unit, qualifier, rank_of, period, kind, quote) values (3, 3, 'vốn đầu tư', 1280000000000.0, 'đồng', null, null, null, 'actual', 'tổng vốn giai đoạn đầu là 1.280 tỷ đồng');
insert into "figures" (id, article_id, indicator, value, unit, qualifier, rank_of, period, kind, quote) values (4, 1, 'vốn đầu tư', 1280000000000.0, 'đồng', null, null, null, 'actual', 'tổng vốn giai đoạn đầu là 1.280 tỷ đồng');
insert into "shingles" (hash, article_id) values (-8478570675708074535, 1), (-8258016664198080830, 1), (-8144494764826085869, 1), (-8139204923827522647, 1), (-7985285047143257008, 1), (-7651127721243477927, 1), (-7149686474961567024, 1), (-6885360578423669895, 1), (-6806803603950798064, 1), (-6787173617795154917, 1), (-6756891547012364409, 1), (-6453567352377620442, 1), (-6164226234508350918, 1), (-6001467707422339196, 1), (-5980970907080305795, 1), (-5832840595193342237, 1), (-5808456568527357901, 1), (-5578196350934666946, 1), (-5521717234759451275, 1), (-5433973468958511792, 1), (-5053439389926479549, 1), (-5052249223832470695, 1), (-5051927391145826365, 1), (-4846748614490144832, 1), (-4817461177740132363, 1), (-4483324244541887412, 1), (-3970502180195227890, 1), (-3949442912500863478, 1), (-3943685395234196747, 1), (-3454062162987328234, 1), (-3276553021279717185, 1), (-3270768866765213060, 1), (-2917208806913915320, 1), (-2628297729964640079, 1), (-2381780293224952649, 1), (-1821301850666049429, 1), (-1472822463869450121, 1), (-1339206136749710807, 1), (-1231465636603949911, 1), (-615121823075948168, 1), (-551815291976621203, 1), (417624342067490476, 1), (540003799112502895, 1), (844928604850036720, 1), (1011603379616800041, 1), (1015111179913440996, 1), (1212414322534319056, 1), (1339436117018148590, 1), (1469465177901427436, 1), (1622556927387118827, 1), (1709520470869490353, 1), (1843247748019901052, 1), (1910216124698938029, 1), (2024621290469834083, 1), (2239921904507211640, 1), (2395348445034781211, 1), (2912328361952859288, 1), (2967836729150613276, 1), (3252219406713183661, 1), (3302036635423833521, 1), (3352139591950269013, 1), (3363805365540162300, 1), (3520400364161500627, 1), (3599372043286224191, 1), (3666205771973695380, 1), (3868391784383329793, 1), (4206541719305652238, 1), (4310154368841452054, 1), (4379598180751297493, 1), (4384328925775005504, 1), (4432038966827393971, 1), (4950405325855950028, 1), (4996539522422677749, 1), (5568320368367255031, 1), (5709650634848820056, 1), (6118678831077459861, 1), (6126188346475900390, 1), (6664387724886213350, 1), (6732666663898768488, 1), (6893008662526098382, 1), (7519805650995598554, 1), (7702537951209697511, 1), (7715959176092965800, 1), (7961530843115629699, 1), (8058314961220379037, 1), (8098110953671189708, 1), (8239650089302257859, 1), (8480362466674268381, 1), (8885520401671990970, 1), (9032643586669794096, 1), (-8478570675708074535, 2), (-8258016664198080830, 2), (-8144494764826085869, 2), (-8139204923827522647, 2), (-7985285047143257008, 2), (-7149686474961567024, 2), (-6885360578423669895, 2), (-6806803603950798064, 2), (-6787173617795154917, 2), (-6756891547012364409, 2), (-6453567352377620442, 2), (-6164226234508350918, 2), (-6001467707422339196, 2), (-5980970907080305795, 2), (-5832840595193342237, 2), (-5808456568527357901, 2), (-5578196350934666946, 2), (-5521717234759451275, 2), (-5433973468958511792, 2), (-5053439389926479549, 2), (-5052249223832470695, 2), (-4846748614490144832, 2), (-4817461177740132363, 2), (-4483324244541887412, 2), (-4300080922273685892, 2), (-3970502180195227890, 2), (-3949442912500863478, 2), (-3943685395234196747, 2), (-3454062162987328234, 2), (-3276553021279717185, 2), (-3270768866765213060, 2), (-2917208806913915320, 2), (-2628297729964640079, 2), (-2381780293224952649, 2), (-1821301850666049429, 2), (-1552511718370828613, 2), (-1472822463869450121, 2), (-1339206136749710807, 2), (-1231465636603949911, 2), (-615121823075948168, 2), (-551815291976621203, 2), (417624342067490476, 2), (540003799112502895, 2), (563126578728008930, 2), (844928604850036720, 2), (1011603379616800041, 2), (1015111179913440996, 2), (1021741592755383284, 2), (1212414322534319056, 2), (1339436117018148590, 2), (1469465177901427436, 2), (1622556927387118827, 2), (1709520470869490353, 2), (1843247748019901052, 2), (1910216124698938029, 2), (1912212400724542692, 2), (2024621290469834083, 2), (2239921904507211640, 2), (2395348445034781211, 2), (2967836729150613276, 2), (3252219406713183661, 2), (3302036635423833521, 2), (3352139591950269013, 2), (3363805365540162300, 2), (3520400364161500627, 2), (3599372043286224191, 2), (3666205771973695380, 2), (3868391784383329793, 2), (4206541719305652238, 2), (4310154368841452054, 2), (4379598180751297493, 2), (4384328925775005504, 2), (4432038966827393971, 2), (4950405325855950028, 2), (4996539522422677749, 2), (5568320368367255031, 2), (6118678831077459861, 2), (6664387724886213350, 2), (6732666663898768488, 2), (6893008662526098382, 2), (7519805650995598554, 2), (7702537951209697511, 2), (7715959176092965800, 2), (7961530843115629699, 2), (8058314961220379037, 2), (8098110953671189708, 2), (8239650089302257859, 2), (8480362466674268381, 2), (8885520401671990970, 2), (9032643586669794096, 2), (-9207881809376705282, 3), (-8816291160096890423, 3), (-8715724572489716699, 3), (-7715653419886621674, 3), (-7482423527771774853, 3), (-7398781266581122584, 3), (-7207566859378603558, 3), (-6904074777491230213, 3), (-6864010370680056037, 3), (-6840415272936656933, 3), (-6540483780649865276, 3), (-5982006909654929265, 3), (-5749077420777346227, 3), (-5440769644330336653, 3), (-5341064281596368076, 3), (-5207183210239634503, 3), (-4904699995535617246, 3), (-4471991265718727574, 3), (-4063275602504844133, 3), (-3939008279602097037, 3), (-3889481954953265457, 3), (-3539904562050528649, 3), (-2282083031547784336, 3), (-2244062220682073012, 3), (-1613445682721114892, 3), (-1221084932244827880, 3), (-1005837413329144280, 3), (-462108594265508668, 3), (914282272450177104, 3), (1478399081778100947, 3), (2440502952885901447, 3), (2588454539620630083, 3), (2787936233154593933, 3), (2917893633386649389, 3), (3056609428840198739, 3), (3600502804131861876, 3), (3733965737078396542, 3), (3851426978140350041, 3), (3939630975431283852, 3), (4452779757330892711, 3), (4522470259047206519, 3), (4961816185012282740, 3), (5094321569003724382, 3), (5105201684808824405, 3), (5474674933124972172, 3), (5567336483593907075, 3), (5625689461022477286, 3), (6009266996740749021, 3), (6171334804400764682, 3), (6489260522864698630, 3), (6997852216001391927, 3), (7520420233605812027, 3), (8726992377031551377, 3), (8979690190100228405, 3);
insert into "runs" (id, source, started_at, finished_at, state, outcomes, lists, notes, reason) values (1, 'song-bang', '2026-11-20T01:00:00Z', '2026-11-20T01:02:00Z', 'done', '{"stored": 1}', '{"fetched": 1, "unchanged": 0, "links": 3, "new": 1, "empty": [], "problems": {}}', '{"fresh": 1, "texts": 1, "articles": 1, "lengths": [460], "read": 1}', '');
insert into "runs" (id, source, started_at, finished_at, state, outcomes, lists, notes, reason) values (2, 'song-bang', '2026-11-21T01:00:00Z', '2026-11-21T01:02:00Z', 'unreachable', '{"failed": 1}', '{"fetched": 0, "unchanged": 0, "links": 0, "new": 0, "empty": [], "problems": {"https://song-bang.example/rss": "quá thời gian chờ"}}', '{}', 'quá thời gian chờ');
insert into "runs" (id, source, started_at, finished_at, state, outcomes, lists, notes, reason) values (3, 'may-tre', '2026-11-20T01:00:00Z', '2026-11-20T01:02:00Z', 'done', '{"stored": 2}', '{"fetched": 1, "unchanged": 0, "links": 3, "new": 2, "empty": [], "problems": {"https://may-tre.example/rss": "trả lời 404"}}', '{"resting": "", "fresh": 2, "texts": 2, "articles": 2, "lengths": [460, 400], "read": 2}', '');
insert into "alerts" (name, title, query, digest) values ('hang-ngay/Chuyển đổi số', 'Chuyển đổi số', 'chuyen doi so', 'hang-ngay');
insert into "alerts" (name, title, query, digest) values ('hang-ngay/Công nghiệp', 'Công nghiệp', '"khu công nghiệp" OR "nhà máy"', 'hang-ngay');
insert into "matches" (alert, article_id, matched_at, why) values ('hang-ngay/Chuyển đổi số', 3, '2026-11-20T03:00:00Z', 'new');
insert into "matches" (alert, article_id, matched_at, why) values ('hang-ngay/Công nghiệp', 1, '2026-11-20T03:00:00Z', 'new');
insert into "matches" (alert, article_id, matched_at, why) values ('hang-ngay/Công nghiệp', 2, '2026-11-20T03:00:00Z', 'new');
insert into "digests" (id, name, edition, created_at, sent_at, state, html, text, title, covers_from, covers_to, content) values (1, 'hang-ngay', '2026-11-22T09:00:00', '2026-11-22T02:00:00Z', null, 'made', '<p>…</p>', '…', 'Điểm tin Sông Bằng', '2026-11-20T02:59:59Z', '2026-11-22T02:00:00Z', '{"name":"hang-ngay","title":"Điểm tin Sông Bằng","edition":"2026-11-22T09:00:00","number":1,"made_at":"2026-11-22T02:00:00Z","covers_from":"2026-11-20T02:59:59Z","covers_to":"2026-11-22T02:00:00Z","counts":{"stories":2,"articles":3,"outlets":2},"parts":[{"key":"hang-ngay/Công nghiệp","label":"Công nghiệp","stories":[{"title":{"text":"Nhà máy chạy thử ở Sông Bằng","marks":[[0,7]]},"summary":{"text":"Nhà máy lắp ráp cảm biến đầu tiên của khu công nghiệp Sông Bằng chạy thử sáng nay với 340 lao động.","marks":[[0,7],[38,53]]},"appearances":[{"article_id":2,"outlet":"Tạp chí Mây Tre","title":"Nhà máy chạy thử ở Sông Bằng","url":"https://may-tre.example/2.html","archive_url":"http://127.0.0.1:8001/bai/2","published_at":"2026-11-20T00:58:00Z","credit":"Báo Sông Bằng","gone":false},{"article_id":1,"outlet":"Báo Sông Bằng","title":"Nhà máy cảm biến Sông Bằng chạy thử","url":"https://song-bang.example/1.html","archive_url":"http://127.0.0.1:8001/bai/1","published_at":"2026-11-20T00:59:00Z","credit":null,"gone":false}],"documents":[{"number":"52-NQ/TW","kind":"nghị quyết","dated":"2019-09-27"}],"figures":[]}]},{"key":"hang-ngay/Chuyển đổi số","label":"Chuyển đổi số","stories":[{"title":{"text":"Xã Hạ Bằng đưa chuyển đổi số tới từng xóm","marks":[[15,28]]},"summary":{"text":"Tổ công nghệ số của xã Hạ Bằng đã tới 14 xóm tháng này. Bà con được chỉ cách nộp hồ sơ trên mạng.","marks":[]},"appearances":[{"article_id":3,"outlet":"Tạp chí Mây Tre","title":"Xã Hạ Bằng đưa chuyển đổi số tới từng xóm","url":"https://may-tre.example/3.html","archive_url":"http://127.0.0.1:8001/bai/3","published_at":"2026-11-20T00:57:00Z","credit":null,"gone":true}],"documents":[{"number":"52-NQ/TW","kind":"nghị quyết","dated":"2019-09-27"}],"figures":[]}]}],"again":[],"older":[],"changes":[{"id":"edit:4","kind":"edit","article_id":1,"outlet":"Báo Sông Bằng","title":"Nhà máy cảm biến Sông Bằng chạy thử","url":"https://song-bang.example/1.html","archive_url":"http://127.0.0.1:8001/bai/1","at":"2026-11-21T01:00:00Z","sentence":"Đã sửa: 1.280 tỷ đồng → 1.820 tỷ đồng"},{"id":"gone:3:2026-11-22T01:00:00Z","kind":"gone","article_id":3,"outlet":"Tạp chí Mây Tre","title":"Xã Hạ Bằng đưa chuyển đổi số tới từng xóm","url":"https://may-tre.example/3.html","archive_url":"http://127.0.0.1:8001/bai/3","at":"2026-11-22T01:00:00Z","sentence":"Đã gỡ (phát hiện 21/11, xác nhận 22/11)"}],"sources":3,"well":1,"health":[{"name":"Báo Sông Bằng","level":"amber","sentence":"Không kết nối được (quá thời gian chờ)."}],"warning":"chưa thu thập được từ Thứ Sáu, 20/11/2026 · 08:02.","days_off":["2026-11-21"],"archive_url":"http://127.0.0.1:8001","stop":"Muốn đổi hoặc thôi nhận bản tin này, xin trả lời người gửi.","max_items":40,"article_ids":[1,2,3]}');
insert into "deliveries" (digest_id, channel, state, attempts, last_error, next_at, sent_at, message_id) values (1, 'file-1', 'retry', 1, 'không ghi được tệp hang-ngay.html (Permission denied)', '2026-11-22T03:00:00Z', null, null);
