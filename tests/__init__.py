"""Tests: one file per module, and one walk through all of them."""
