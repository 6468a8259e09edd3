"""Datasette's own pages of the tables, in our frame and language."""
