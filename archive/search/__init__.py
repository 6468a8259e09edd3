"""Search over the index: queries matched, counted, ranked, shown with their words highlighted."""
