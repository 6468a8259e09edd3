"""What people say of single articles, and what other rules would make of them, shown before they are taken."""
