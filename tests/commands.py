"""Run the console command as a user does, in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path


def environment() -> dict[str, str]:
    """The environment without anything that could point at a real home."""
    return {key: value for key, value in os.environ.items() if not key.startswith("DIEMTIN_HOME")}


def diemtin(
    *arguments: str, home: Path, stdin: str = "", check: bool = True
) -> subprocess.CompletedProcess[str]:
    """The command's end; ``check`` demands that it ended with 0."""
    done = subprocess.run(
        [sys.executable, "-m", "crawler", "--home", str(home), *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        env=environment(),
        timeout=120,
    )
    if check:
        assert done.returncode == 0, done.stderr + done.stdout
    return done
