"""The search engine: a query walked over the index, counted, ranked, shown with its words marked."""
