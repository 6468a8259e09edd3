"""Benches of what years bring: copies under load, kills, growth, long runs."""
