"""Brings in what others saved: texts and pages as JSONL, pages as WARC; what this house exported comes back."""
