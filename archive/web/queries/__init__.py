"""What the pages ask of archive.db, apart from the handlers; every function takes a read connection."""
