"""What an assistant may ask of the archive: plain functions that give typed, bounded values."""
