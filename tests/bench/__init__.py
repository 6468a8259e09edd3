"""What is measured, each bench a command of ``python -m tests.bench``."""
