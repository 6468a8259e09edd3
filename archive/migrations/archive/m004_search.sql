-- The search index: exact and folded columns over a view that gives the original text for both.
-- Measured in facts: highlights of folded hits then show real Vietnamese. ``rebuild`` must never be
-- run on it (it would index the unfolded view); see ``archive.search.results.reindex``.
create view articles_fts_source as
    select sort, title, case when lead = '' then body else lead || char(10) || body end as body,
           title as title_f,
           case when lead = '' then body else lead || char(10) || body end as body_f
    from articles;
create virtual table articles_fts using fts5(
    title, body, title_f, body_f,
    content='articles_fts_source', content_rowid='sort', tokenize='unicode61 remove_diacritics 0');
create trigger articles_fts_insert after insert on articles begin
    insert into articles_fts (rowid, title, body, title_f, body_f) values (
        new.sort, vn_norm(new.title), vn_norm(new.lead || char(10) || new.body),
        vn_fold(new.title), vn_fold(new.lead || char(10) || new.body));
end;
create trigger articles_fts_delete after delete on articles begin
    insert into articles_fts (articles_fts, rowid, title, body, title_f, body_f) values (
        'delete', old.sort, vn_norm(old.title), vn_norm(old.lead || char(10) || old.body),
        vn_fold(old.title), vn_fold(old.lead || char(10) || old.body));
end;
create trigger articles_fts_update after update of sort, title, lead, body on articles begin
    insert into articles_fts (articles_fts, rowid, title, body, title_f, body_f) values (
        'delete', old.sort, vn_norm(old.title), vn_norm(old.lead || char(10) || old.body),
        vn_fold(old.title), vn_fold(old.lead || char(10) || old.body));
    insert into articles_fts (rowid, title, body, title_f, body_f) values (
        new.sort, vn_norm(new.title), vn_norm(new.lead || char(10) || new.body),
        vn_fold(new.title), vn_fold(new.lead || char(10) || new.body));
end;
