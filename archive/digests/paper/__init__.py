"""An edition on paper, as offices file it: head and signatures, sheet, PDF, and what its files are called."""
