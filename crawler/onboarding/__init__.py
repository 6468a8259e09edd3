"""``sources add`` and ``sources check``: from an address to a source that is known to work."""
