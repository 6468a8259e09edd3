"""Finding without words: what there is to choose from, saved searches, searches compared, the help page."""
