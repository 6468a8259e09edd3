"""What the public may see of the archive, and who asked to have something taken out of sight."""
