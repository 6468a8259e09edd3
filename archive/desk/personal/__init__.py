"""What is each person's own at the desk: what they read and looked at, and the searches they saved."""
