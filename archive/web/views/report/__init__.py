"""``/bao-cao`` Báo cáo: the month's report, the list behind each of its numbers, and its files."""
