"""Room 2: turns a page into an article."""
