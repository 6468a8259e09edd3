-- Edits and take-downs newest first, and the articles that were edited or are gone, found without passing their texts.
create index versions_edits on versions (seen_at, article_id) where kind = 'edit';
create index versions_figures on versions (seen_at, article_id) where kind = 'edit'
    and (instr(changes, '"kind":"figure"') > 0 or instr(changes, '"kind": "figure"') > 0);
create index states_ends on states (at, article_id, state) where state in ('gone', 'live');
create index articles_edited on articles (sort) where edits > 0;
create index articles_taken on articles (sort) where state = 'gone';
