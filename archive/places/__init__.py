"""Names of places, people and organisations found in texts, with time."""
