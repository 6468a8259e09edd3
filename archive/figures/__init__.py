"""Figures as they are kept: the indicators they may be values of, and the periods they are for."""
