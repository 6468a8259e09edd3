"""Benches of crawls on several machines."""
