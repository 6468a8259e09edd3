"""The desk: what people choose, order, write, approve and send, and who they are; kept in desk.db."""
