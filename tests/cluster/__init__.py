"""Tests of crawls on several machines, on a redis-server of their own."""
