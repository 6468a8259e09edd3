"""Room 1: goes out and brings pages home."""
