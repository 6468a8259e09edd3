"""Texts beside texts: what an edit changed, and which articles carry one text."""
