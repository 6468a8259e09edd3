"""Which syllables of a query stand together as words, and which are meant without a mark."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from archive.text import fold, marked, norm
from archive.text import words as words_of

LONGEST = 6  # syllables of one word of the language
PLAIN = 5  # hundredths: what stands without a mark so often is meant without one

_STARTING = Path(__file__).with_suffix(".txt")  # made by tests/bench/words.py
_TERMS = Path(__file__).with_name("terms.txt")
_REMEMBERED = 500  # queries; a page reads the same words several times
_NAMED, _AS_ONE = 8, 5  # what a name or term of two syllables gains; what a longer one gains over its parts
_CAPITALS = 5  # … of words with capitals
_PERSON = 12  # what a surname, «văn» or «thị» and what follows gain
_NUMBERED = frozenset(words_of("so lo quyet quy thang nam ngay lop quan khoa ky dot lan dieu cup covid dai u"))
_KINDS = frozenset(words_of("tinh xa huyen phuong quan thanh thi"))  # no part of the name of a place
_SURNAMES = frozenset(
    words_of(
        "nguyen tran le pham huynh hoang phan vu vo dang bui ho ngo duong ly dinh trinh truong luong mai doan "
        "phung luu chu"
    )
)

Entry = tuple[str, int]
Named = Callable[[str], object]


class Word(NamedTuple):
    """Syllables of a query that stand together, one alone too; ``exactly``: whose marks must be as typed."""

    syllables: tuple[str, ...]
    exactly: tuple[bool, ...]


class Lexicon:
    """What is known of words: the starting counts, and above them what an archive taught, and names.

    An entry is a word of several syllables with what it gains over its syllables alone (about the logarithm of
    how much oftener they stand together than by chance), or a syllable without a mark with its share, in
    hundredths, of all that are written like it but for their marks.
    """

    def __init__(self, learned: Iterable[Entry] = (), names: Iterable[str] = ()) -> None:
        self._known: defaultdict[str, list[Entry]] = defaultdict(list)
        for word, weight in learned:
            self._known[fold(word)].append((word, weight))
        self._names: defaultdict[str, list[str]] = defaultdict(list)
        for name in map(_small, names):
            if 0 < name.count(" ") < LONGEST:
                self._names[fold(name)].append(name)
        self._gains: dict[str, int] = {}
        self._seen: dict[tuple[tuple[str, ...], bool, Named | None], list[Word]] = {}

    def entries(self, folded: str) -> list[Entry]:
        """The entries that fold to this."""
        counted = [*self._known.get(folded, ()), *_starting_entries(folded)]
        named = _as_written((*self._names.get(folded, ()), *_terms().get(folded, ())))
        return [*counted, *((name, self._named_gain(name)) for name in named)] if named else counted

    def _named_gain(self, name: str) -> int:
        """What a name or term gains: something more than its parts, so that others may take a part of it."""
        if name not in self._gains:
            best, parts = [0], name.split(" ")
            for end in range(1, len(parts) + 1):
                cuts = [" ".join(parts[start:end]) for start in range(end)]
                held = [self._gain_of(cut) if cut != name else 0 for cut in cuts]
                best.append(max(map(sum, zip(best, held, strict=True))))
            self._gains[name] = max(best[-1] + _AS_ONE, _NAMED // 2 * len(parts))
        return self._gains[name]

    def _gain_of(self, word: str) -> int:
        return dict(self.entries(fold(word))).get(word, 0) if " " in word else 0

    def words(self, syllables: Sequence[str], *, marks: bool, named: Named | None = None) -> list[Word]:
        """What is typed side by side cut into words of the language, so that these gain most.

        ``marks``: whether those typed without may be meant so, as others bear some. ``named`` knows names of
        places.
        """
        asked = (tuple(syllables), marks, named)
        if (seen := self._seen.get(asked)) is None:
            ends = self._best(syllables, named)
            words = [tuple(syllables[start:end]) for start, end in _spans(ends)]
            seen = [Word(word, self._exactly(word, marks=marks)) for word in _with_numbers(words)]
            if len(self._seen) >= _REMEMBERED:
                self._seen.clear()
            self._seen[asked] = seen
        return seen

    def _best(self, syllables: Sequence[str], named: Named | None) -> list[int]:
        """By each end, where the last word begins in the best cut up to there."""
        keys = [fold(one) for one in syllables]
        gains, starts = [0.0], [0]
        capitals = any(one[:1].islower() for one in syllables)
        for end in range(1, len(syllables) + 1):
            best, begin = gains[end - 1], end - 1
            for start in range(max(0, end - LONGEST), end - 1):
                row = syllables[start:end]
                gain = max(self._gain(row, keys[start:end], named), _name_gain(row, keys[start:end], capitals))
                if gain and gains[start] + gain > best:
                    best, begin = gains[start] + gain, start
            gains.append(best)
            starts.append(begin)
        return starts

    def _gain(self, row: Sequence[str], keys: Sequence[str], named: Named | None) -> int:
        gain = max((weight for _, weight in self._readings(row, " ".join(keys))), default=0)
        if named is not None and gain < _NAMED and keys[0] not in _KINDS and _is_named(named, " ".join(row)):
            return self._named_gain(_small(" ".join(row)))
        return gain

    def _readings(self, row: Sequence[str], folded: str) -> list[Entry]:
        """The entries that have the marks that were typed."""
        entries = self.entries(folded)
        if not entries:
            return []
        typed = [_small(one) if marked(one) else "" for one in row]
        return [entry for entry in entries if all(map(_reads, typed, entry[0].split(" ")))]

    def _exactly(self, row: tuple[str, ...], *, marks: bool) -> tuple[bool, ...]:
        if not marks:
            return tuple(map(marked, row))
        if len(row) == 1:
            return (marked(row[0]) or self._plain(row[0]),)
        readings = self._readings(row, fold(" ".join(row)))
        surest = max((weight for _, weight in readings), default=0)
        meant = [word.split(" ") for word, weight in readings if weight == surest]
        return tuple(
            marked(one) or (any(word[at] == one.lower() for word in meant) if meant else self._plain(one))
            for at, one in enumerate(row)
        )

    def _plain(self, syllable: str) -> bool:
        """Whether a syllable typed without a mark, and standing alone, is itself Vietnamese."""
        shares = [weight for word, weight in self.entries(syllable.lower()) if word == syllable.lower()]
        return bool(shares) and shares[0] >= PLAIN


def _as_written(names: tuple[str, ...]) -> list[str]:
    """Names that differ in marks alone: the ones with marks, for «Thai Nguyen» is how others write it."""
    names = tuple(dict.fromkeys(names))
    return [name for name in names if marked(name)] or list(names)


@lru_cache(maxsize=4096)
def _is_named(named: Named, name: str) -> bool:
    return bool(named(name))


@cache
def starting() -> Lexicon:
    """What a new archive starts from."""
    return Lexicon()


def _reads(typed: str, there: str) -> bool:
    return not typed or typed == there


def _small(text: str) -> str:
    return norm(text).lower()


def _spans(starts: list[int]) -> list[tuple[int, int]]:
    spans, end = [], len(starts) - 1
    while end:
        spans.append((starts[end], end))
        end = starts[end]
    return spans[::-1]


def _with_numbers(words: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """A number belongs to the word that it numbers: «bão số 3», «quốc lộ 1», «lớp 10»."""
    joined: list[tuple[str, ...]] = []
    for word in words:
        if joined and len(word) == 1 and word[0].isdecimal() and fold(joined[-1][-1]) in _NUMBERED:
            joined[-1] += word
        else:
            joined.append(word)
    return joined


def _name_gain(row: Sequence[str], keys: Sequence[str], capitals: bool) -> int:
    """What words gain that are a name by their look: capitals among small letters, «nguyen thi lan»."""
    if keys[0] in _SURNAMES and keys[1] in ("van", "thi") and len(row) in (3, 4):
        return _PERSON + len(row)
    if capitals and len(row) <= 4 and all(one[:1].isupper() and one[1:].islower() for one in row):
        return _CAPITALS * (len(row) - 1)
    return 0


@cache
def _terms() -> dict[str, list[str]]:
    """Terms of news that counts alone do not show to be one."""
    terms: defaultdict[str, list[str]] = defaultdict(list)
    for term in _TERMS.read_text(encoding="utf-8").splitlines():
        terms[fold(term)].append(term)
    return terms


@cache
def _lines() -> dict[str, list[str]]:
    """The lines of the starting file by their folded first syllable."""
    lines: defaultdict[str, list[str]] = defaultdict(list)
    for line in _STARTING.read_text(encoding="utf-8").splitlines():
        lines[fold(line.partition("\t")[0])].append(line)
    return lines


def _starting_entries(folded: str) -> list[Entry]:
    return _cut_up(folded.partition(" ")[0]).get(folded, [])


@cache
def _cut_up(first: str) -> dict[str, list[Entry]]:
    """The starting entries that begin with a folded syllable; cut up when it is first asked for."""
    entries: defaultdict[str, list[Entry]] = defaultdict(list)
    for line in _lines().get(first, ()):
        syllable, *row = line.split("\t")
        for rest, _, weight in (entry.rpartition(" ") for entry in row):
            word = f"{syllable} {rest}" if rest else syllable
            entries[fold(word)].append((word, int(weight)))
    return entries


def lines_of(entries: Iterable[Entry]) -> list[str]:
    """Entries as the lines of the starting file: a first syllable, and what follows it with its weight."""
    lines: defaultdict[str, list[str]] = defaultdict(list)
    for word, weight in sorted(entries):
        first, _, rest = word.partition(" ")
        lines[first].append(f"{rest} {weight}".lstrip())
    return ["\t".join([first, *row]) for first, row in lines.items()]
