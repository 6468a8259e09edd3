"""What the crawler remembers between runs, behind three verbs."""
