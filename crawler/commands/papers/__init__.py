"""Commands that make papers: editions, the month's report, packs of evidence."""
