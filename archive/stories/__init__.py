"""Stories: articles that carry one text, by shared shingles and confirmed on the full texts."""
