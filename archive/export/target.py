"""Where an export goes: standard output, or a file that has its name only once it is whole."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def writing_to(out: Path | None) -> Iterator[IO[bytes]]:
    """A file to write to, readable by its owner alone; None is standard output.

    Written beside and renamed at the end: what breaks off leaves nothing under the name. A pipe or a device is
    written to as it is. Raises OSError.
    """
    if out is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    out = out.resolve()
    if out.exists() and not out.is_file():
        with out.open("wb") as file:
            yield file
        return
    descriptor, name = tempfile.mkstemp(prefix=f".{out.name}-", suffix=".part", dir=out.parent)
    part = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
