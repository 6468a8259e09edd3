-- Search finds articles by their mark at the desk.
create index choices_mark on choices (mark, star, article_id);
create index choices_article on choices (article_id, mark, star);
