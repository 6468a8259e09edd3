"""``/ban`` Bàn điểm tin: the open window of a digest, chosen from, ordered, written on, approved and sent."""
