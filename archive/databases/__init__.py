"""The three database files of a home as files: whether they fit together, are whole, and can be written to."""
