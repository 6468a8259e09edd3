"""What holds for all that goes over the network: charsets, packing, and the addresses that are dialled."""
