"""Packs of evidence: what this machine saw of an article, when and from where, for others to check."""
