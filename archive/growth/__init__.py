"""How the home grows: what it takes, what is put away after a while, when the disk will be full."""
