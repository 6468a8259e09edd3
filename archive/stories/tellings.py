"""A story as it is compared with others: what its title and lead say, taken apart."""

import re
from collections import Counter, defaultdict
from collections.abc import Container, Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import chain, pairwise
from pathlib import Path
from zlib import crc32

from archive.config import WordLists
from archive.revisions.tokens import Token, tokens
from archive.text import norm

STAGES = (
    "seeking", "arrested", "tried", "ahead", "opened", "closed", "asked", "decided", "helped", "background",
    "found", "received", "more",
)  # fmt: skip

_LISTS = WordLists(Path(__file__).with_suffix(".yml"))
_WORD = re.compile(r"[^\W_]+(?:[.,]\d+)*")
_MARK = re.compile(r"^\W{0,3}(?:[A-ZĐ][\w.]{1,12}|[A-ZĐ]\S* (?:trí|dựng))\W{0,2}\s*[-–—]\s+")  # «(VOV.VN) - »
_Y = tuple(zip("yỳýỷỹỵ", "iìíỉĩị", strict=True))  # kỹ thuật and kĩ thuật are one word to a reader
_DATE = re.compile(r"(\d+/\d{1,2})(?:/\d{4})?")
_DOCUMENT = re.compile(r"(\d++)(?:/\d{4})?[-/]([^\W\d]+)")
_TEN = ("nhất", "hai", "ba", "tư", "năm", "sáu", "bảy", "tám", "chín", "mười")
_ORDINALS = {word: str(at) for at, word in enumerate(_TEN, 1)}
_ORDINAL = _LISTS.pattern(rf"\b(«series») thứ (\d+|{'|'.join(_ORDINALS)})\b")
_IN_SERIES = _LISTS.pattern(r"\b(«numbered») ?(\d+|[ivx]+)\b(?![/.,-]\d)")
_NUMBERED = re.compile(r"\b([^\W\d]+) số (\d+)\b(?![/.,-]\d)")  # «kỳ họp số 4», «bản tin số 4»
_DAILY = _LISTS.pattern(r"(?<!\w)(?:«daily»)(?!\w)")
_DAY = re.compile(r"(?<![\d/.,-])(\d{1,2})[/-](\d{1,2})(?:[/-]\d{4})?(?![\d/.,-])")
_SITE = _LISTS.pattern(r"(?<!\w)(?i:«sites») ([A-ZĐÀ-Ỹ]\w*(?: [A-ZĐÀ-Ỹ]\w*)?)", 0)
_PRICE = _LISTS.pattern(r"(?<!\w)(?:giá|tỷ giá|tỉ giá) («goods»)(?!\w)")
_DIGEST = _LISTS.pattern(r"(?<!\w)(?:«digests»)(?!\w)")
_DIGEST_LEAD = _LISTS.pattern(r"(?:podcast )?(?:bản tin|tin) ")
_STAGE = {stage: _LISTS.pattern(rf"(?:«{stage}»)") for stage in STAGES}
_PIECE = "bộ"  # «6 bộ hài cốt» counts what «6 hài cốt» counts
_BROAD = frozenset(["tỉ", "triệu", "nghìn", "người"])  # units that say little without the word behind
_SELF = frozenset(("việt nam", "ngày"))  # names that every story may bear


@dataclass(frozen=True)
class Telling:
    """Title and lead of one story, with the parts that are compared; ``sort`` is that of the article.

    What is read is read once, when first asked for.
    """

    article_id: int
    source: str
    sort: int
    title: str
    lead: str

    @cached_property
    def head(self) -> str:
        return norm(self.title)

    @cached_property
    def opening(self) -> str:
        return norm(_MARK.sub("", self.lead))

    @cached_property
    def title_words(self) -> Counter[str]:
        return Counter(self._title_words)

    @cached_property
    def lead_words(self) -> Counter[str]:
        return Counter(self._lead_words)

    @cached_property
    def words(self) -> Counter[str]:
        """Syllables and pairs of syllables of title and lead, with how often each occurs."""
        return Counter([*self._title_words, *self._lead_words])

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The words with the numbers by which they are kept."""
        return {word: word_number(word) for word in self.words}

    @cached_property
    def title_names(self) -> frozenset[str]:
        return _keys(self._title_tokens, "name") - _SELF

    @cached_property
    def names(self) -> frozenset[str]:
        return self.title_names | (_keys(self._lead_tokens, "name") - _SELF)

    @cached_property
    def figures(self) -> frozenset[str]:
        return _keys(self._title_tokens, "figure") | _keys(self._lead_tokens, "figure")

    @cached_property
    def decrees(self) -> dict[str, set[str]]:
        """The documents it names by their kind: ``{"nđ": {"291"}}`` for «Nghị định số 291/2026/NĐ-CP»."""
        found: defaultdict[str, set[str]] = defaultdict(set)
        for key in _keys(self._title_tokens, "document") | _keys(self._lead_tokens, "document"):
            if match := _DOCUMENT.match(key):
                found[match[2]].add(match[1].lstrip("0"))
        kinds, pattern = _readings("documents"), _numbered()
        for kind, number in pattern.findall(f"{self.head} . {self.opening}".lower()):
            found[kinds[kind]].add(number.lstrip("0"))
        return found

    @cached_property
    def documents(self) -> frozenset[str]:
        """The numbers of the documents it names."""
        return frozenset(number for numbers in self.decrees.values() for number in numbers)

    @cached_property
    def sites(self) -> frozenset[str]:
        """Communes, parks, hospitals and the like, by their names."""
        return frozenset(_SITE.re.findall(f"{self.head} . {self.opening}"))

    @cached_property
    def goods(self) -> frozenset[str]:
        """What its title tells the price of."""
        return frozenset(good.lower() for good in _PRICE.re.findall(self.head))

    @cached_property
    def dates(self) -> frozenset[str]:
        keys = _keys(self._title_tokens, "date") | _keys(self._lead_tokens, "date")
        return frozenset(match[1] for match in map(_DATE.fullmatch, keys) if match)

    @cached_property
    def daily(self) -> bool:
        """Whether its title is that of a report which comes every day: of prices, of the weather."""
        return bool(self.goods or _DAILY.search(self.head))

    @cached_property
    def title_days(self) -> frozenset[str]:
        """The days that its title names: ``28/7`` for «ngày 28-07»."""
        return frozenset(f"{int(day)}/{int(month)}" for day, month in _DAY.findall(self.head))

    @cached_property
    def title_letters(self) -> frozenset[str]:
        """The syllables of its title that are no numbers."""
        return frozenset(word for word in syllables(self.head) if not word[0].isdigit())

    @cached_property
    def title_provinces(self) -> frozenset[str]:
        return _named("provinces", self.head)

    @cached_property
    def provinces(self) -> frozenset[str]:
        """The provinces it names, each by what it is called since July 2025."""
        return self.title_provinces | _named("provinces", self.opening)

    @cached_property
    def title_countries(self) -> frozenset[str]:
        return _named("countries", self.head)

    @cached_property
    def countries(self) -> frozenset[str]:
        return self.title_countries | _named("countries", self.opening)

    @cached_property
    def stages(self) -> frozenset[str]:
        title = self.head.lower()
        return frozenset(stage for stage, pattern in _STAGE.items() if pattern.search(title))

    @cached_property
    def digest(self) -> bool:
        """Whether it is a round-up of several happenings."""
        return bool(_DIGEST.search(self.head) or _DIGEST_LEAD.match(self.opening[:40]))

    @cached_property
    def series(self) -> dict[str, set[str]]:
        """Which of a series: ``{"ngày": {"4"}}`` for «ngày làm việc thứ tư»."""
        text = f"{self.head} . {self.opening}".lower()
        found: defaultdict[str, set[str]] = defaultdict(set)
        named = _ORDINAL.re.findall(text), _IN_SERIES.re.findall(text), _NUMBERED.findall(text)
        for word, number in chain(*named):
            found[word].add(_ORDINALS.get(number, number))
        return found

    @cached_property
    def counts(self) -> dict[str, set[str]]:
        """The numbers of the title by what they count: ``{"hài": {"19"}}`` for «19 bộ hài cốt»."""
        found: defaultdict[str, set[str]] = defaultdict(set)
        words = [*syllables(self.head), ""]
        for number, unit, more in zip(words, words[1:], words[2:], strict=False):
            if number[0].isdigit() and unit and not unit[0].isdigit():
                found[more if unit == _PIECE else f"{unit} {more}" if unit in _BROAD else unit].add(number)
        return found

    def written(self, kind: str) -> dict[str, str]:
        """Names or figures by their keys, as the title and lead write them."""
        parts = ((self.head, self._title_tokens), (self.opening, self._lead_tokens))
        return {
            one.key.lower(): text[one.start : one.end]
            for text, found in parts
            for one in found
            if one.kind == kind
        }

    def phrases(self, shared: Container[str]) -> list[tuple[str, list[str]]]:
        """The longest runs of words whose pairs are all shared, as written, each with its pairs."""
        found: list[tuple[str, list[str]]] = []
        for text in (self.head, self.opening):
            start, held = 0, list[str]()
            spans = [match.span() for match in _WORD.finditer(text)]
            for (begin, end), (after, until) in pairwise([*spans, (-1, -1)]):
                pair = " ".join(syllables(text[begin:until])) if text[end:after] == " " else ""
                if pair in shared:
                    start = start if held else begin
                    held.append(pair)
                elif held:
                    found.append((text[start:end], held))
                    held = []
        return found

    @cached_property
    def _title_words(self) -> list[str]:
        return _with_pairs(syllables(self.head))

    @cached_property
    def _lead_words(self) -> list[str]:
        return _with_pairs(syllables(self.opening))

    @cached_property
    def _title_tokens(self) -> list[Token]:
        return tokens(self.head)

    @cached_property
    def _lead_tokens(self) -> list[Token]:
        return tokens(self.opening)


def syllables(text: str) -> list[str]:
    """The syllables of a text in one spelling, short forms written out: «TPHCM» is four."""
    short, pattern = _short()
    text = pattern.sub(lambda match: short[match[0]], text.lower())
    for written, spelled in _Y:
        text = text.replace(written, spelled)
    return _WORD.findall(text)


def word_number(word: str) -> int:
    """The number by which a word is kept."""
    return crc32(word.encode()) or 1


def _with_pairs(words: list[str]) -> list[str]:
    return [*words, *map(" ".join, pairwise(words))]


def _keys(found: Iterable[Token], kind: str) -> frozenset[str]:
    return frozenset(one.key.lower() for one in found if one.kind == kind)


@cache
def _readings(block: str) -> dict[str, str]:
    """What each line of a block is read as: itself, or what stands behind its «=»."""
    pairs = (line.partition(" = ") for line in _LISTS[block])
    return {norm(name): norm(meant or name) for name, _, meant in pairs}


@cache
def _alternatives(block: str) -> re.Pattern[str]:
    longest_first = sorted(map(re.escape, _readings(block)), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(longest_first)})(?!\w)")


def _short() -> tuple[dict[str, str], re.Pattern[str]]:
    return _readings("short"), _alternatives("short")


@cache
def _numbered() -> re.Pattern[str]:
    return re.compile(rf"({'|'.join(_readings('documents'))})(?: số)? 0*(\d+)")


def _named(block: str, text: str) -> frozenset[str]:
    readings = _readings(block)
    return frozenset(readings[name] for name in _alternatives(block).findall(text))
