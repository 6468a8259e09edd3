"""Editions as files in a folder and as a feed file; a reader never sees half of one."""

import os
from contextlib import suppress
from pathlib import Path

from archive.digests.channels import AtomChannel, FileChannel, Undelivered, scrub
from archive.digests.message import Parcel


def keep(channel: FileChannel, parcel: Parcel, base: Path) -> None:
    """Write the edition in every format asked for; a relative folder is one of ``base``.

    Raises Undelivered when that cannot be done.
    """
    folder = base / Path(channel.path).expanduser()
    for format_ in channel.formats:
        _write(folder / parcel.file_name(format_), parcel.file(format_))


def keep_feed(channel: AtomChannel, parcel: Parcel, base: Path) -> None:
    """Write the digest's feed anew; raises Undelivered when that cannot be done."""
    _write(base / Path(channel.path).expanduser(), parcel.feed(channel.entries))


def _write(path: Path, data: bytes) -> None:
    """Write beside and rename: what a kill leaves half written is overwritten by the next try."""
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        with suppress(OSError):
            part.unlink()
        raise Undelivered(f"không ghi được tệp {path.name} ({scrub(error.strerror or '')})") from None
