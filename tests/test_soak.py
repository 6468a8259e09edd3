"""A day unattended, in short: every article that stood is kept once, and the morning has its edition."""

import shutil
from pathlib import Path

import pytest

from tests.bench.years import soak as unattended

pytestmark = pytest.mark.timeless


@pytest.mark.skipif(not shutil.which("faketime"), reason="libfaketime is not installed")
def test_what_stood_is_kept_whatever_the_outlets_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unattended, "HANG", 4.0)
    lived, rows = unattended.soak(days=1, outlets=4, hours=6, seed=5, home=tmp_path)
    told = dict(rows)
    assert lived.counts["faults"] > 0
    assert int(told["articles that stood for more than one poll"]) > 0
    assert told["… of them not kept; kept with another text"] == "0; 0"
    assert told["rows, addresses twice"].endswith(", 0")
    assert told["edits told (none was made)"] == "0"
    assert told["runs whose outcomes are not their visits"].startswith("0 of")
    assert told["articles told twice"] == "0"
    assert told["archive.db"] == "ok"
