"""What a few typed letters may mean: documents, places, outlets and topics whose names begin so.

Names of places, outlets and topics are few: they are kept in memory, and read anew every ten minutes or when an
outlet or a topic is new. Documents are looked up by the begin of their number, along the primary key.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from time import monotonic
from typing import Literal

from sqlite_utils import Database

from archive.places.gazetteer import Gazetteer, Place
from archive.search.filters import DISTINCT_NAMES
from archive.text import fold, marked, norm
from archive.text import words as words_of

Kind = Literal["document", "place", "source", "topic"]
OFFERED = 8
LONGEST = 100  # typed characters that are read
_EACH = 4  # of a kind, where others are found too
_COUNTED = 1000  # uses that are told apart
_ANEW = 600.0  # seconds after which names are read again
_SCANNED, _RANGE, _RECENT = 4000, 300, 120  # documents that are looked through
_EXACT, _BEGINS, _HOLDS, _LOOSE, _BY_INITIALS, _HINT, _NOT_USED, _BY_FACTS = 0, 1, 2, 3, 4, 4, 3, 8
_DROPPED = {"so", "van", "ban"}  # «văn bản số 52»
_IN_QUERY = re.compile(r'"([^"]+)"|(?<![\w-])([^\W\d_]{2,})(?!\w)')
_OPERATORS = {"OR", "AND", "NOT", "NEAR", "HOẶC", "VÀ"}
_BIG = 0x10FFFF
_CITED = "exists (select 1 from article_documents x where x.number = d.number)"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """``key`` is what its page or filter is asked for by; ``note`` tells more of a document ('' else)."""

    kind: Kind
    key: str
    name: str
    name_en: str = ""
    note: str = ""


class NamedThing:
    """A suggestion with all the names it answers to, and how often the archive has it (at most 1,000)."""

    __slots__ = ("forms", "suggestion", "text", "uses")

    def __init__(
        self, suggestion: Suggestion, names: Iterable[str], uses: int, hints: Iterable[str] = ()
    ) -> None:
        """``hints`` are words that lead to it too, after all that is called so."""
        self.suggestion, self.uses = suggestion, uses
        cut = [*(_Form(name) for name in dict.fromkeys(names)), *(_Form(hint, hint=True) for hint in hints)]
        self.forms = [form for form in cut if form.words]
        self.text = " " + " ".join(dict.fromkeys(form.text for form in self.forms))

    def rank(self, asked: list[str]) -> int | None:
        """How well the typed words fit, 0 the best; None where they do not."""
        joined = "".join(map(fold, asked))
        if joined not in self.text and not all(f" {fold(word)}" in self.text for word in asked):
            return None
        ranks = [rank for form in self.forms if (rank := form.rank(asked, joined)) is not None]
        if not ranks or self.uses:
            return min(ranks, default=None)
        return min(ranks) + (_NOT_USED if min(ranks) > _EXACT else _BEGINS)


class _Form:
    """One spelling of a name, cut into words."""

    __slots__ = ("folded", "hint", "initials", "joined", "text", "words")

    def __init__(self, name: str, *, hint: bool = False) -> None:
        self.words, self.hint = _words(name), hint
        self.folded = [fold(word) for word in self.words]
        self.joined = "".join(self.folded)
        self.initials = "".join(word[0] for word in self.folded)
        self.text = " ".join([*self.folded, self.joined, self.initials])

    def rank(self, asked: list[str], joined: str) -> int | None:
        """How well the typed words fit, 0 the best; a hint has to begin with them."""
        at = self._in_row(asked)
        if self.hint:
            return _HINT if at == 0 else None
        if at is not None:
            whole = len(asked) == len(self.words) and self.folded[-1] == fold(asked[-1])
            return _EXACT if whole else _BEGINS if at == 0 else _HOLDS
        if any(map(marked, asked)):
            return _LOOSE if self._loosely(asked) else None
        if self.joined.startswith(joined):
            return _EXACT if self.joined == joined else _BEGINS
        if len(asked) == 1 and len(self.words) > 1 and self.initials.startswith(joined):
            return _BY_INITIALS
        inside = len(joined) > 3 and joined in self.joined
        return _LOOSE if inside or self._loosely(asked) else None

    def _in_row(self, asked: list[str]) -> int | None:
        """Where the typed words stand in a row, the last of them perhaps cut short."""
        *whole, last = asked
        for at in range(len(self.words) - len(asked) + 1):
            same = all(self._begins(at + n, word, whole=True) for n, word in enumerate(whole))
            if same and self._begins(at + len(whole), last):
                return at
        return None

    def _loosely(self, asked: list[str]) -> bool:
        """Whether the words stand in it in any order, or the first ones of it are cut short (``so co``)."""
        *whole, last = asked
        every = range(len(self.words))
        if len(asked) <= len(every) and all(self._begins(at, word) for at, word in enumerate(asked)):
            return True
        anywhere = all(any(self._begins(at, word, whole=True) for at in every) for word in whole)
        return anywhere and any(self._begins(at, last) for at in every)

    def _begins(self, at: int, typed: str, *, whole: bool = False) -> bool:
        """Whether a word begins as typed; marks, where typed, must be there."""
        word, typed = (self.words[at], typed) if marked(typed) else (self.folded[at], fold(typed))
        return word == typed if whole else word.startswith(typed)


Seen = tuple[Gazetteer, int, int]  # where names come from, and how many outlets and topics there are
_KNOWN: dict[Path, tuple[float, Seen | None, list[NamedThing]]] = {}


def suggestions(db: Database, places: Gazetteer, typed: str, *, most: int = OFFERED) -> list[Suggestion]:
    """What may be meant, the likeliest first; [] for fewer than two letters or digits."""
    typed = typed[:LONGEST]
    asked = _words(typed)
    if len("".join(asked)) < 2:
        return []
    things = [(one.rank(asked), one) for one in _known(db, places)]
    ranked = [(rank, -one.uses, one.suggestion) for rank, one in things if rank is not None]
    ranked += _documents(db, typed)
    ranked = [one for one in ranked if one[0] < _BY_FACTS] or ranked
    ranked.sort(key=lambda one: (one[0], one[1], len(one[2].name), one[2].name))
    return _mixed([suggestion for _, _, suggestion in ranked], most)


def _mixed(ranked: list[Suggestion], most: int) -> list[Suggestion]:
    """The best of each kind, and more of them where room is left, in their order."""
    seen: dict[Kind, int] = {}
    first, rest = list[int](), list[int]()
    for at, one in enumerate(ranked):
        seen[one.kind] = seen.get(one.kind, 0) + 1
        (first if seen[one.kind] <= _EACH else rest).append(at)
    return [ranked[at] for at in sorted([*first, *rest][:most])]


def _words(text: str) -> list[str]:
    return list(_cut(text))


@lru_cache(maxsize=8192)
def _cut(text: str) -> tuple[str, ...]:
    return tuple(norm(word).lower() for word in words_of(text))


def _known(db: Database, places: Gazetteer) -> list[NamedThing]:
    path = Path(next((file for _, name, file in db.execute("pragma database_list") if name == "main"), ""))
    (outlets,), (topics,) = (
        db.execute(f"select count(*) from {table}").fetchone() for table in ("sources", "topics")
    )
    seen: Seen = (places, outlets, topics)
    read, before, things = _KNOWN.get(path, (0.0, None, []))
    if before != seen or monotonic() - read >= _ANEW:
        things = [*_places(db, places), *_sources(db), *_topics(db)]
        _KNOWN[path] = monotonic(), seen, things
    return things


def _places(db: Database, places: Gazetteer) -> Iterator[NamedThing]:
    names: dict[str, list[str]] = {}
    for (name,) in db.execute(DISTINCT_NAMES, {"kind": "place"}):
        names[name] = [name]
    for place in places.places:
        if place.mention == "place":
            names.setdefault(place.name, []).extend(_spellings(place))
    sql = "select count(*) from (select 1 from mentions where kind = 'place' and name = ? limit ?)"
    for name, spellings in names.items():
        (uses,) = db.execute(sql, [name, _COUNTED]).fetchone()
        yield NamedThing(Suggestion("place", name, name), spellings, uses)


def _spellings(place: Place) -> Iterator[str]:
    yield from (place.name, *place.also, *place.sure)
    for short, long in (("KCN ", "Khu công nghiệp "), ("CCN ", "Cụm công nghiệp ")):
        if place.name.startswith(short):
            yield long + place.name.removeprefix(short)
    for kind in dict.fromkeys((place.kind, *(rank.kind for rank in place.ranks))):
        if kind:
            yield f"{kind} {place.name}"
        if kind == "thành phố":
            yield f"TP {place.name}"


def _sources(db: Database) -> Iterator[NamedThing]:
    former: dict[str, list[str]] = {}
    for key, name in db.execute("select source, name from source_names"):
        former.setdefault(key, []).append(name)
    sql = """select key, name, home, (select count(*) from (select 1 from articles where source = key limit ?))
        from sources"""
    for key, name, home, uses in db.execute(sql, [_COUNTED]):
        host = re.sub(r"^\w+://(www\.)?|[/?#].*$", "", home or "")
        names = (name or key, key, key.replace("_", " "), host, *former.get(key, ()))
        yield NamedThing(Suggestion("source", key, name or key), names, uses)


def _topics(db: Database) -> Iterator[NamedThing]:
    sql = """select key, name, name_en, coalesce(query, ''),
        (select count(*) from (select 1 from article_topics where topic = key limit ?)) from topics"""
    for key, name, name_en, query, uses in db.execute(sql, [_COUNTED]):
        words = [word for pair in _IN_QUERY.findall(query) if (word := "".join(pair)) not in _OPERATORS]
        names = (name or key, name_en, key, *(word for word in words if word.isupper()))
        yield NamedThing(Suggestion("topic", key, name or key, name_en), names, uses, words)


def _documents(db: Database, typed: str) -> Iterator[tuple[int, int, Suggestion]]:
    """Cited documents with their rank and the (negative) number of articles that cite them."""
    asked = _words(typed)
    at = next((at for at, word in enumerate(asked) if word[0].isdigit()), len(asked))
    number = asked[at:]
    before = [word for word in asked[:at] if not number or fold(word) not in _DROPPED]
    tail = re.sub(r"^\D+", "", typed).strip().upper()
    rows = _by_number(db, number, tail) if number else _by_words(db, before)
    fitting = [
        (_document_rank(row[0], before, number, tail), *row)
        for row in rows
        if _fits(row[0], f"{row[1] or ''} {row[2] or ''}", before, "".join(number))
    ]
    fitting.sort(key=lambda one: (one[0], len(one[1])))
    count = "select count(*) from (select 1 from article_documents where number = ? limit 100)"
    for rank, code, kind, issuer in fitting[: 4 * OFFERED]:
        (uses,) = db.execute(count, [code]).fetchone()
        note = " · ".join(filter(None, (kind, issuer)))
        yield rank, -uses, Suggestion("document", code, code, note=note)


def _document_rank(code: str, before: list[str], number: list[str], tail: str) -> int:
    """Documents of just this number stand before all else, those of a kind or issuer where nothing else is."""
    if not number:
        return _LOOSE if _fits(code, "", before, "") else _BY_FACTS
    return _EXACT - code.upper().startswith(tail) - (_words(code)[0] == number[0])


def _fits(code: str, facts: str, kinds: list[str], stem: str) -> bool:
    """Whether a number begins with the stem, and each word before it begins one of kind, issuer or number."""
    own = _words(code)
    joined = "".join(own)
    if not (joined if marked(stem) else fold(joined)).startswith(stem if marked(stem) else fold(stem)):
        return False
    told = _words(facts)
    every = [*own, *told, "".join(word[0] for word in told)]
    return all(
        any((word if marked(typed) else fold(word)).startswith(typed) for word in every)
        for typed in (one if marked(one) else fold(one) for one in kinds)
    )


Row = tuple[str, str | None, str | None]


def _by_number(db: Database, number: list[str], tail: str) -> list[Row]:
    """Documents whose number begins with the digits, along the key: ``52-``, ``52/``, then ``521…``."""
    digits = number[0]
    begins = [
        tail,
        re.sub(r"[^0-9/-].*", "", tail),
        f"{digits}-",
        f"{digits}/",
        *([digits] if len(number) == 1 else []),
    ]
    sql = f"""select number, kind, issuer from documents d
        where number >= ? and number < ? and {_CITED} limit {_RANGE}"""
    rows: dict[Row, None] = {}
    for begin in dict.fromkeys(begins):
        rows.update(dict.fromkeys(db.execute(sql, [begin, begin + chr(_BIG)]).fetchall()))
    return list(rows)


def _by_words(db: Database, asked: list[str]) -> list[Row]:
    """Documents whose number holds the letters (``ubnd``), and the last stored, by kind or issuer."""
    pattern = f"%{'%'.join(''.join(c if c.isascii() and c != 'd' else '_' for c in word) for word in asked)}%"
    newest = f"select * from documents order by rowid desc limit {_SCANNED}"
    sql = f"select number, kind, issuer from ({newest}) d where number like ? and {_CITED} limit 50"
    rows: dict[Row, None] = dict.fromkeys(db.execute(sql, [pattern]).fetchall())
    recent = f"select number, kind, issuer from documents d where {_CITED} order by rowid desc limit {_RECENT}"
    return list(rows | dict.fromkeys(db.execute(recent).fetchall()))
