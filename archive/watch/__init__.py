"""The health of the sources: what their runs and their articles tell."""
