"""Digests: when one is due, what an edition says, and how it reaches every channel."""
