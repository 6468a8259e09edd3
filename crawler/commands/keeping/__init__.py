"""Commands that keep the archive for years: what goes out of it, what it takes, what is put away."""
