"""How answers come over the wire: what of a server's is listened to, and whether an answer is whole."""
