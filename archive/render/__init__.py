"""Editions as readers get them: HTML e-mail, plain text, Word, Atom."""
