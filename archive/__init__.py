"""Room 3: keeps articles and answers questions about them."""
