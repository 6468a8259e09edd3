"""Editions by mail: addresses as people write them, headers as mail servers want them, the way there."""
