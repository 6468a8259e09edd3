"""Whether archive.db and pages.db each hold all that the other one saw of it, and desk.db what was seen of it.

Each has an identity and counts its commits; what it saw of the other is noted after the other has committed.
So a file that was replaced shows by its identity, and one that lost commits (restored from a copy, its WAL
gone, the power failed) by a count below the one that was seen. A file found so gets a new identity once that
is mended: a still older or newer copy of it is then recognised as well.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlite_utils import Database

from archive.clock import moment, stamp
from archive.db import reading, writing

_NEW_IDENTITY = "lower(hex(randomblob(8)))"


@dataclass(frozen=True, slots=True)
class Losses:
    """Which of the two lacks what the other one saw; ``unmet``: they were never compared before."""

    archive: bool = False
    pages: bool = False
    unmet: bool = False

    def __bool__(self) -> bool:
        return self.archive or self.pages or self.unmet


@dataclass(frozen=True, slots=True)
class _Seen:
    identity: str
    commits: int
    partner: str
    partner_commits: int

    def lacks(self, other: "_Seen") -> bool:
        """Whether this one is not what ``other`` saw of it, or has fewer commits than that."""
        if not other.partner:
            return False
        return other.partner != self.identity or other.partner_commits > self.commits


def note(db: Database, partner: Database) -> None:
    """Write into ``db`` how far its partner is; call it inside a transaction, once the partner has committed.

    What was seen of a partner that has lost commits since stays until that is mended.
    """
    identity, commits = partner.execute("select identity, commits from partners").fetchone()
    db.execute(
        "update partners set partner_commits = ?2 where partner = ?1 and partner_commits < ?2",
        [identity, commits],
    )


def find_losses(archive: Database, pages: Database) -> Losses:
    """What one of the two lacks, also what was found before and is not mended yet; reads only."""
    one, other = _seen(archive), _seen(pages)
    mending = str(pages.execute("select mending from partners").fetchone()[0])
    return Losses(
        archive="archive" in mending or one.lacks(other),
        pages="pages" in mending or other.lacks(one),
        unmet=not other.partner,
    )


def begin_mending(pages: Database, losses: Losses) -> None:
    """Note what was found, so that a process that is killed over it leaves it to the next one."""
    found = [name for name in ("archive", "pages") if getattr(losses, name)]
    with writing(pages):
        pages.execute("update partners set mending = ?", [" ".join(found)])


def agree(archive: Database, pages: Database, losses: Losses) -> None:
    """The two fit together from now on; what was older is another one than the file it was."""
    with writing(archive):
        if losses.archive:
            archive.execute(f"update partners set identity = {_NEW_IDENTITY}")
        if losses.pages:
            pages.execute(f"update partners set identity = {_NEW_IDENTITY}")
        _meet(archive, pages)
    with writing(pages):
        _meet(pages, archive)
        pages.execute("update partners set mending = ''")


def _meet(db: Database, partner: Database) -> None:
    seen = _seen(partner)
    db.execute("update partners set partner = ?, partner_commits = ?", [seen.identity, seen.commits])


def _seen(db: Database) -> _Seen:
    sql = "select identity, commits, partner, partner_commits from partners"
    return _Seen(*db.execute(sql).fetchone())


def note_desk(archive: Database, desk_db: Path, now: datetime) -> bool:
    """Note how far desk.db is; whether it is missing, older or another one than was seen last.

    Nothing can be brought back then: what people decided since is lost. What went out is known to archive.db,
    so no edition goes twice. Nothing is written as long as nothing changed.
    """
    known = archive.execute("select desk, desk_commits from partners").fetchone()
    seen = _desk(desk_db)
    if seen is None or tuple(known) == seen:
        return False
    lost = bool(known[0]) and (seen[0] != known[0] or seen[1] < known[1])
    with writing(archive):
        archive.execute("update partners set desk = ?, desk_commits = ?", seen)
        if lost:
            archive.execute("update partners set desk_lost_at = ?", [stamp(now)])
    return lost


def _desk(path: Path) -> tuple[str, int] | None:
    """Identity and commits; nothing where there is none, None where it is being made or upgraded."""
    if not path.exists() or not path.stat().st_size:  # of no bytes, as a power cut leaves it
        return "", 0
    with reading(path) as desk:
        if not desk.table("partners").exists():
            return None
        identity, commits = desk.execute("select identity, commits from partners").fetchone()
    return str(identity), int(commits)


def desk_lost_at(archive: Database) -> datetime | None:
    """When desk.db was found missing or older, if ever."""
    at = archive.execute("select desk_lost_at from partners").fetchone()[0]
    return moment(at) if at else None
