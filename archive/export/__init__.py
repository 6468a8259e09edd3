"""Takes the archive away: articles as JSONL and CSV, raw pages as WARC."""
