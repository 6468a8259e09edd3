"""The long-running side: one process for a crawl, one parent with schedule and web."""
