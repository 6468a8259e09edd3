"""Stories: articles that carry one text, found by shared shingles and confirmed on the full texts."""
