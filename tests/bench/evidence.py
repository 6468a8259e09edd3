"""Change every byte of a pack of evidence, one at a time: how many changes a check misses.

``python -m tests.bench evidence [--step N]``: every N-th byte of the zip, and of each file of the folder.
"""

import argparse
import tempfile
import time
from pathlib import Path

from archive.evidence import stamps
from archive.evidence.verify import verify
from tests.evidence_sample import Authority, answering, edited_and_gone


def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1 << at % 8]) + data[at + 1 :]


def missed_in(path: Path, read: Path, step: int, first: int = 0) -> tuple[int, int]:
    """How many places of a file were tried, and at how many the check of the pack found nothing."""
    whole, tried, missed = path.read_bytes(), 0, 0
    for at in range(first % max(len(whole), 1), len(whole), step):
        path.write_bytes(flipped(whole, at))
        tried, missed = tried + 1, missed + verify(read).whole
    path.write_bytes(whole)
    return tried, missed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--step", type=int, default=1)
    step = parser.parse_args().step
    with tempfile.TemporaryDirectory() as name, answering(Authority(Path(name))) as authority:
        sample = edited_and_gone(Path(name) / "home")
        pack = sample.pack(authority.url, authority.url, with_pdf=True)
        sample.close()
        folder, file = pack.write(Path(name) / "goi"), pack.write(Path(name) / "goi.zip")
        stamps.OPENSSL = "left-out"  # hashes alone must find it; a process for each byte takes hours
        begun = time.process_time()
        assert verify(folder).whole
        assert verify(file).whole
        print(f"zip of {len(pack.files)} files, {file.stat().st_size:,} bytes; looked at in "
              f"{(time.process_time() - begun) / 2 * 1000:.1f} ms")  # fmt: skip
        tried, missed = missed_in(file, file, step)
        print(f"zip: {tried:,} bytes changed one at a time, {missed} not found")
        counts = [missed_in(folder / path, folder, step, n) for n, path in enumerate(sorted(pack.files))]
        tried, missed = (sum(column) for column in zip(*counts, strict=True))
        print(f"folder: {tried:,} bytes changed one at a time, {missed} not found")


if __name__ == "__main__":
    main()
