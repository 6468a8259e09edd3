"""Số liệu: the indicators, and each one's reported values, targets, conflicts and promises."""
