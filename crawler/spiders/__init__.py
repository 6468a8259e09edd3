"""One spider class for every source, and the loader that makes one of it for each."""
