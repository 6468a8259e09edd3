"""The pages, one module each: read the address, ask, render."""
