"""The month's report: plain counts of the archive beside the month before and the same month a year ago."""
