"""Crawls on several machines: work goes out over Redis, pages come home, one keeper writes."""
