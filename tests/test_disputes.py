"""What outlets of one event tell differently: another figure, not the same one rounded."""

from pathlib import Path

import pytest

from archive.schema import open_archive
from archive.stories.entries import disputes

DAY = "2026-11-29T00:00:00+00:00"
SEEN = {"first_seen_at": DAY, "last_seen_at": DAY}
OUTLETS = {1: "Báo Sông Bằng", 2: "Tạp chí Mây Tre"}


@pytest.mark.parametrize(
    ("said", "differ"),
    [
        ([(7.8, None), (8.7, None)], True),
        ([(700, "hơn"), (712, None)], False),
        ([(700, "hơn"), (690, None)], True),
        ([(8.5e12, None), (8.503e12, None)], False),
        ([(324, None), (324, "")], False),
    ],
)
def test_a_figure_differs_where_both_cannot_be_right(
    tmp_path: Path, said: list[tuple[float, str | None]], differ: bool
) -> None:
    db = open_archive(tmp_path / "archive.db")
    same = {"key": "iip", "indicator": "IIP", "unit": "%", "kind": "actual", "place": "", "quote": ""}
    for article, (value, qualifier) in enumerate(said, 1):
        url = f"https://vidu.vn/{article}"
        db.table("articles").insert(
            {"id": article, "url": url, "source": "vidu", "title": "IIP", "sort": article, "sha256": url} | SEEN
        )
        db.table("figures").insert({"article_id": article, "value": value, "qualifier": qualifier} | same)
    assert bool(disputes(db, OUTLETS)) is differ
    db.close()
