"""Which single byte of a file was changed, told by its CRC-32: a hash says only that something was."""

import zlib

from archive.evidence.chain import sha256

_POLYNOMIAL = 0xEDB88320
_LARGEST = 4_000_000  # bytes: about a second


def _table() -> list[int]:
    """What one byte that differs, as the last of a file, makes of the CRC-32."""
    table = []
    for byte in range(256):
        crc = byte
        for _ in range(8):
            crc = crc >> 1 ^ (_POLYNOMIAL if crc & 1 else 0)
        table.append(crc)
    return table


def find(data: bytes, crc: int, digest: str) -> tuple[int, int] | None:
    """Where one byte differs from the file with these sums, and what it was; None for any other change.

    The difference of two CRCs is that of the changed byte, moved on by each byte after it: it is moved back,
    byte by byte from the end, until it is one that a single byte makes.
    """
    if len(data) > _LARGEST:
        return None
    table = _table()
    bytes_of = {made: byte for byte, made in enumerate(table)}
    last = {made >> 24: byte for byte, made in enumerate(table)}
    differs = zlib.crc32(data) ^ crc
    for at in range(len(data) - 1, -1, -1):
        flipped = bytes_of.get(differs)
        if flipped and sha256(data[:at] + bytes([data[at] ^ flipped]) + data[at + 1 :]) == digest:
            return at, data[at] ^ flipped
        byte = last[differs >> 24]
        differs = (differs ^ table[byte]) << 8 & 0xFFFFFFFF | byte
    return None
