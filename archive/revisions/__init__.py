"""Versions of a text beside one another: what an edit changed, as a reader would put it."""
