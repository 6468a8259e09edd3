"""Where the hits of a query are looked for: in the whole index, or among the articles that have its pairs.

FTS5 walks the lists of all words of a phrase side by side: through the whole archive where the phrase is rare
and its words are not. The pair index gives the few articles that have all pairs of the phrase, and these are
read. That is slower where they are many, or where a word is rare, so they are counted first.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from sqlite_utils import Database

from archive.query import Query
from archive.query.fts5 import expressions
from archive.query.tree import And, Near, Node, Not, Or, Phrase, PlacePhrase, either
from archive.search.pairs import Lexis, lexis
from archive.text import fold

FTS, PAIRS = "articles_fts", "articles_pairs"
READ = 200  # articles that FTS5 walks past in the time in which one is read
_FEW = 5000  # articles that FTS5 walks past so fast that nothing else is tried
_WORDS = 3  # of a phrase for which READ holds; the lists of all words are walked
_EXACT = 3  # times as long as the list of a word is that of all words that differ by marks alone
_RARE = 0.001  # of the articles have a word of which no share is known
Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class IndexQuery:
    """An index, and an FTS5 expression over it."""

    table: str
    expression: str


@dataclass(frozen=True, slots=True)
class Candidates:
    """Rows among which all hits are; unless ``certain``, each has to be read."""

    sources: tuple[IndexQuery, ...]
    certain: bool


@dataclass(frozen=True, slots=True)
class _Narrowed:
    """An expression over the pairs that every hit satisfies; ``exact``: all that satisfies it is a hit."""

    expression: str
    exact: bool


def by_pairs(db: Database, query: Query, within: Range) -> Candidates | None:
    """The candidates of a query's text in a range of rows by the pair index; None where that would not pay."""
    known = lexis(db) if query.tree is not None else None
    if known is None or query.tree is None:
        return None
    narrowed = _narrowed(query.tree, known)
    if narrowed and (narrowed.exact or _pays(db, query.tree, known, narrowed, within)):
        return Candidates((IndexQuery(PAIRS, narrowed.expression),), narrowed.exact)
    return _cut_short(query.tree, known, narrowed)


def _pays(db: Database, tree: Node, known: Lexis, narrowed: _Narrowed, within: Range) -> bool:
    """Whether reading the candidates takes less time than FTS5 needs for the whole range."""
    walked = _reach(tree, known) * _articles(db, within)
    if walked < _FEW:
        return False
    most = int(walked / READ)
    sql = f"select 1 from {PAIRS} where {PAIRS} match ? and rowid between ? and ? limit ?"
    (count,) = db.execute(f"select count(*) from ({sql})", (narrowed.expression, *within, most + 1)).fetchone()
    return bool(count <= most)


def _articles(db: Database, within: Range) -> float:
    """About how many articles there are in a range."""
    wanted = ", ".join(f"(select {what} from articles)" for what in ("max(id)", "min(sort)", "max(sort)"))
    last, first, end = db.execute(f"select {wanted}").fetchone()
    if last is None:
        return 0
    inside = min(within[1], end) - max(within[0], first) + 1
    return float(last * max(inside, 0) / (end - first + 1))


def _reach(node: Node, known: Lexis) -> float:
    """The share of the articles that FTS5 walks past: those with the rarest word of a phrase."""
    match node:
        case Phrase():
            return _reach_of(node, known)
        case Near():
            return min(_reach(phrase, known) for phrase in node.phrases)
        case PlacePhrase():
            typed = min(_reach(phrase, known) for phrase in node.typed)
            return typed + sum(_reach(name, known) for name in node.names)
        case And():
            return min(_reach(part, known) for part in node.parts if not isinstance(part, Not))
        case Or():
            return sum(_reach(part, known) for part in node.parts)
    return 1.0


def _reach_of(phrase: Phrase, known: Lexis) -> float:
    words = phrase.words[:-1] if phrase.prefix else phrase.words
    rarest = min((known.shares.get(fold(word), _RARE) for word in words), default=1.0)
    other_marks = _EXACT if phrase.exact and not phrase.mixed else 1
    return rarest * len(phrase.words) / _WORDS / other_marks


def _narrowed(node: Node, known: Lexis) -> _Narrowed | None:
    match node:
        case Phrase():
            return _pairs_of(node, known)
        case Near():
            there = _all(_pairs_of(phrase, known) for phrase in node.phrases)
            return replace(there, exact=False) if there else None
        case PlacePhrase():
            typed = _all(_pairs_of(phrase, known) for phrase in node.typed)
            return _any([typed, *(_pairs_of(name, known) for name in node.names)])
        case And():
            return _all(_narrowed(part, known) for part in node.parts)
        case Or():
            return _any([_narrowed(part, known) for part in node.parts])
    return None  # of what is excluded nothing is known


def _all(parts: Iterable[_Narrowed | None]) -> _Narrowed | None:
    given = list(parts)
    there = [part for part in given if part]
    exact = len(there) == len(given) and all(part.exact for part in there)
    return _Narrowed(_joined(" AND ", there), exact) if there else None


def _any(parts: Sequence[_Narrowed | None]) -> _Narrowed | None:
    there = [part for part in parts if part]
    if len(there) < len(parts):
        return None
    return _Narrowed(_joined(" OR ", there), all(part.exact for part in there))


def _joined(word: str, parts: Sequence[_Narrowed]) -> str:
    inside = word.join(part.expression for part in parts)
    return f"({inside})" if len(parts) > 1 else inside


def _pairs_of(phrase: Phrase, known: Lexis) -> _Narrowed | None:
    """The pairs of a phrase that the index holds."""
    rows = list(pairwise(map(fold, phrase.words)))
    whole = rows[:-1] if phrase.prefix else rows
    held = [f'"{pair}"' for row in whole if (pair := _pair(row)) and pair not in known.common]
    if phrase.prefix and rows and _pair(rows[-1]) and not _common(phrase, known):
        held.append(f'"{_pair(rows[-1])}" *')
    exact = len(rows) == len(held) == 1 and not (phrase.exact or phrase.title)
    return _all([_Narrowed(expression, exact) for expression in held])


def _pair(row: tuple[str, str]) -> str:
    """Two words as the index has them; "" when it has no such pair."""
    plain = all(word.isascii() and word.isalnum() and not word[0].isdigit() for word in row)
    return "_".join(row) if plain else ""


def _last_pair(phrase: Phrase) -> str:
    return _pair((fold(phrase.words[-2]), fold(phrase.words[-1])))


def _common(phrase: Phrase, known: Lexis) -> list[Phrase]:
    """A phrase cut short as the whole phrases whose last pair is one that the index leaves out."""
    pair = _last_pair(phrase)
    ends = sorted(one.partition("_")[2] for one in known.common if one.startswith(pair))
    meant = (*phrase.meant[:-1], False)
    return [replace(phrase, words=(*phrase.words[:-1], end), prefix=False, exactly=meant) for end in ends]


def _cut_short(tree: Node, known: Lexis, narrowed: _Narrowed | None) -> Candidates | None:
    """The candidates where a phrase is cut short (``"cong ng*"``), which FTS5 gathers for seconds.

    Hits have the phrase by a pair that is left out, and FTS5 finds these fast as they are many; or by one that
    the index holds.
    """
    cut = [phrase for phrase in _wanted(tree) if _is_cut(phrase)]
    if not cut:
        return None
    held = [_Narrowed(f'"{_last_pair(one)}" *', True) for one in cut]
    by_pair = _all([_any(held), narrowed] if narrowed else [_any(held)])
    assert by_pair  # noqa: S101 - there is one phrase at least
    sources = [IndexQuery(PAIRS, by_pair.expression)]
    if (others := _by_common(tree, known)) is not None:
        sources.append(IndexQuery(FTS, expressions(others)[0]))
    whole = isinstance(tree, Phrase) and len(tree.words) == 2 and not (tree.exact or tree.title)
    return Candidates(tuple(sources), whole)


def _is_cut(phrase: Phrase) -> bool:
    return phrase.prefix and len(phrase.words) > 1 and bool(_last_pair(phrase))


def _wanted(node: Node) -> list[Phrase]:
    """The phrases of a tree that stand alone, excluded ones left out."""
    match node:
        case Phrase():
            return [node]
        case And() | Or():
            return [phrase for part in node.parts for phrase in _wanted(part)]
    return []


def _by_common(node: Node, known: Lexis) -> Node | None:
    """The tree with the whole phrases of common pairs in place of those cut short; None: there are none."""
    match node:
        case Phrase():
            return either(_common(node, known)) if _is_cut(node) else node
        case And():
            parts = [part if isinstance(part, Not) else _by_common(part, known) for part in node.parts]
            return And(tuple(part for part in parts if part)) if all(parts) else None
        case Or():
            return either(_by_common(part, known) for part in node.parts)
    return node
