"""The query language from inside: pieces, tree, places, conditions and explanations; see ``archive.query``."""
