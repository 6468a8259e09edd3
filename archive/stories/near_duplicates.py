"""Which articles carry one text: candidates by shared shingles, confirmed on the full texts.

The rule and what it was measured on are in ``docs/stories.md``.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from heapq import nlargest
from urllib.parse import urlsplit

from sqlite_utils import Database

from archive.db import sort_span
from archive.stories.shingles import COARSE, containment, cut, is_coarse, sentence_runs
from archive.text import fold

WINDOW = timedelta(days=21)  # reprints come within days; later it is other news in old words
SAME = 0.65  # of both texts is in the other: one text, worked over
SAME_OUTLET = 0.85  # ... on one outlet, whose follow-ups repeat much of its own
KEPT = 0.2  # of the larger is in the smaller, at least: else an item of a round-up, a quotation
GROWN = 0.5  # ... and this when the larger came later: else a follow-up with its background
VERBATIM, NEW = 0.85, 0.2  # of a sentence is in the other text: taken over; new. Between: rewritten
TAKEN = 0.5  # of the smaller's sentences are taken over
CHANGED, REWRITTEN = 3, 2  # other sentences allowed, when all of them are new; when some are rewritten
CHANGED_SHARE = 0.15  # ... or so many of those taken over, in a long text
CREDITED = 0.4  # of the smaller is in the larger and it names the other's outlet
LINKED = 0.1  # ... and it gives the other's address: the same news written anew
SAME_FIGURES = 0.5  # of the smaller's figures are in the larger: daily reports share all but these

WINDOW_SORT = sort_span(WINDOW)

_FEW_FIGURES = 6  # fewer prove nothing
_HOT = 100  # articles; a shingle that more share is an official title or boilerplate
_LIKELY = 0.15  # of the smaller sample is shared: worth reading both texts
_READ = 12  # texts read at most for one article

_FIGURE = re.compile(r"\d+(?:[.,/]\d+)*")
_CALLED = re.compile(r"^(?:(?:theo|nguon|bao dien tu|bao|tap chi|www)\b\W*)+|\.(?:com|net|org|vn)\b|\W")
_COLUMNS = "id, url, source, sort, lead, body, credit, credit_url"


@dataclass(frozen=True)
class StoryText:
    """An article made comparable, as far as it is asked."""

    id: int
    url: str
    source: str
    sort: int
    lead: str
    body: str
    credit: str | None
    credit_url: str | None

    @cached_property
    def runs(self) -> frozenset[str]:
        return cut(f"{self.lead}\n{self.body}")

    @cached_property
    def sentences(self) -> list[frozenset[str]]:
        return sentence_runs(self.body)

    @cached_property
    def figures(self) -> frozenset[str]:
        return frozenset(_FIGURE.findall(f"{self.lead}\n{self.body}"))


def story_texts(db: Database, where: str, values: Iterable[object]) -> list[StoryText]:
    """The articles that an SQL condition names, of those that were read."""
    rows = db.execute(f"select {_COLUMNS} from articles where unread = '' and {where}", tuple(values))
    return [StoryText(*row) for row in rows.fetchall()]


class Outlets:
    """What outlets are called, for reading credit lines; the table is read when first asked."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._names: dict[str, set[str]] | None = None

    def means(self, credit: str | None, source: str) -> bool:
        """Whether a credit line names this source."""
        if not credit:
            return False
        if self._names is None:
            rows = self._db.execute("select key, name, home from sources").fetchall()
            self._names = {
                key: {_squeezed(key), _squeezed(name), _squeezed(urlsplit(home or "").netloc)}
                for key, name, home in rows
            }
        return _squeezed(credit) in self._names.get(source, {_squeezed(source)})


def same_story(one: StoryText, other: StoryText, outlets: Outlets) -> bool:
    """Whether the two carry one text; symmetric."""
    if abs(one.sort - other.sort) > WINDOW_SORT:
        return False
    small, large = sorted((one, other), key=lambda text: (len(text.runs), text.id))
    of_small, of_large = containment(small.runs, large.runs)
    if _same_address(one.url, other.credit_url) or _same_address(other.url, one.credit_url):
        return of_small >= LINKED
    if of_large < (GROWN if large.sort > small.sort else KEPT):
        return False
    if of_small >= CREDITED and (
        outlets.means(one.credit, other.source) or outlets.means(other.credit, one.source)
    ):
        return True
    same = SAME_OUTLET if one.source == other.source else SAME
    return (min(of_small, of_large) >= same and _same_figures(small, large)) or _taken_over(small, large)


def _taken_over(small: StoryText, large: StoryText) -> bool:
    """Whether the smaller's sentences are the larger's, but for a few.

    A reprint takes sentences over or leaves them out; a follow-up on the same event, which may share as
    many words, rewrites them. An outlet that opens anew on its own text follows it up.
    """
    shares = [len(one & large.runs) / len(one) for one in small.sentences]
    taken = sum(share >= VERBATIM for share in shares)
    changed = len(shares) - taken
    rewritten = any(NEW < share < VERBATIM for share in shares)
    allowed = max(REWRITTEN if rewritten else CHANGED, CHANGED_SHARE * taken)
    follows = small.source == large.source and changed > 1 and max(shares[:2]) < TAKEN
    return taken >= max(2, TAKEN * len(shares)) and changed <= allowed and not follows


def partners(db: Database, text: StoryText, shingles: list[int]) -> list[int]:
    """Articles within the window that carry the text of this one."""
    ids = [*_likely(db, text.id, shingles), *_linked(db, text.credit_url)]
    near = story_texts(
        db,
        f"id in ({','.join('?' * len(ids))}) and id <> ? and sort between ? and ?",
        (*ids, text.id, text.sort - WINDOW_SORT, text.sort + WINDOW_SORT),
    )
    outlets = Outlets(db)
    return [other.id for other in near if same_story(text, other, outlets)]


def keep(db: Database, article_id: int, shingles: list[int]) -> None:
    """Make the article's rows in ``shingles`` these."""
    kept = {row[0] for row in db.execute("select hash from shingles where article_id = ?", (article_id,))}
    if kept != set(shingles):
        forget(db, [article_id])
        rows = [(one, article_id) for one in set(shingles)]
        db.conn.executemany("insert into shingles (hash, article_id) values (?, ?)", rows)


def forget(db: Database, ids: Iterable[int]) -> None:
    """Drop the rows of these articles from ``shingles``."""
    db.conn.executemany("delete from shingles where article_id = ?", [(one,) for one in ids])


def _likely(db: Database, own_id: int, shingles: list[int]) -> list[int]:
    """Articles whose kept shingles overlap with these; each shingle costs at most _HOT rows.

    First those that share rare ones: the same last line stands below many articles of an outlet.
    """
    shared: Counter[int] = Counter()
    coarse: Counter[int] = Counter()
    rare: defaultdict[int, float] = defaultdict(float)
    find = "select article_id from shingles where hash = ? order by article_id desc limit ?"
    for one in shingles:
        others = [row[0] for row in db.execute(find, (one, _HOT + 1)) if row[0] != own_id]
        if len(others) < _HOT:
            shared.update(others)
            coarse.update(others if is_coarse(one) else ())
            for other in others:
                rare[other] += 1 / len(others)
    own = (len(shingles), sum(map(is_coarse, shingles)))
    best = nlargest(2 * _READ, (one for one, count in shared.items() if count > 1), key=rare.__getitem__)
    likely = [one for one in best if _overlap(db, own, one, shared[one], coarse[one]) >= _LIKELY]
    return likely[:_READ]


def _overlap(db: Database, own: tuple[int, int], other_id: int, shared: int, coarse: int) -> float:
    """The share of the smaller sample that both have; what a long text kept are coarse shingles only."""
    size = f"select count(*), sum(hash % {COARSE} = 0) from shingles where article_id = ?"
    other: tuple[int, int] = db.execute(size, (other_id,)).fetchone()
    if own[0] > own[1] and other[0] > other[1]:
        return shared / min(own[0], other[0])
    return coarse / max(1, min(own[1], other[1]))


def _linked(db: Database, url: str | None) -> list[int]:
    """The article at the address that a credit line gives, in the spellings that are one address."""
    if not url:
        return []
    plain = url.partition("#")[0]
    forms = {url, plain, plain.partition("?")[0]}
    forms |= {form.replace("http://", "https://", 1) for form in forms}
    where = f"select id from articles where url in ({','.join('?' * len(forms))})"
    return [row[0] for row in db.execute(where, tuple(forms))]


def _same_address(url: str, credited: str | None) -> bool:
    return credited is not None and _bare(url) == _bare(credited)


def _bare(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.netloc.removeprefix('www.')}{parts.path.rstrip('/')}"


def _squeezed(name: str) -> str:
    """A name without marks, spaces and the words that all outlets have in theirs."""
    return _CALLED.sub("", fold(name))


def _same_figures(small: StoryText, large: StoryText) -> bool:
    if len(small.figures) < _FEW_FIGURES:
        return True
    return len(small.figures & large.figures) >= SAME_FIGURES * len(small.figures)
