"""Documents an article cites: numbers such as 52-NQ/TW, short forms such as «Kết luận 14», in one form each."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

from archive.clock import HANOI
from archive.config import WordLists
from archive.model import Citation
from archive.sentences import sentences
from archive.text import nfc

_NO_SHORT_FORM = r"[\w/%-]|[.,]\d|\s?[-–/]\s?[A-ZĐ]|\s?(?:đề|điều|mục|nội dung|tỷ|triệu|nghìn|%)"
_DAY = r"(?P<d>\d{1,2})\s?(?:[/.-]\s?|\s+tháng\s+)(?P<m>\d{1,2})(?:\s?[/.-]\s?|\s+năm\s+)(?P<y>(?:19|20)\d\d)"
_AFTER = re.compile(
    r"^\s*[,(]?\s*(?:của [^,.;()]{3,45}?\s*,?\s*)?(?:(?:được )?(?:ban hành|ký|thông qua)\s*)?"
    rf"(?:(?:ra |ký )?ngày)?\s?{_DAY}"
)
_AFTER_SHORT = re.compile(
    r"^,?\s*(?:được )?(?:ban hành |ký )?ngày (?P<d>\d{1,2})[/.-](?P<m>\d{1,2})(?!\d|[/.-]\d)"
)
_BEFORE = re.compile(rf"[Nn]gày {_DAY}[^.;]{{0,90}}?(?:ban hành|ký|phê duyệt|thông qua|ra)\b[^.;]{{0,60}}$")
_PARTY = re.compile(
    r"Bộ Chính trị|Ban Bí thư|(?:BCH|Ban [Cc]hấp hành) T(?:rung ương|Ư|W)|Trung ương", re.IGNORECASE
)
_PROVINCE_PARTY = re.compile(
    r"(?:BCH|Ban [Cc]hấp hành) Đảng bộ tỉnh|Tỉnh ủy|Đảng bộ tỉnh|BTV Tỉnh ủy|Tỉnh uỷ", re.IGNORECASE
)
_BODIES = (
    (re.compile(r"Hội đồng nhân dân|HĐND"), "HĐND"),
    (re.compile(r"Ủy ban nhân dân|Uỷ ban nhân dân|UBND"), "UBND"),
    (re.compile(r"Thủ tướng"), "TTg"),
    (re.compile(r"Chính phủ"), "CP"),
)
_ISSUED = re.compile(
    r"[^.;]{0,40}?\bcủa ([^.;]*)"
    r"|[, ]*(?:do )?((?:Bộ Chính trị|Ban Bí thư|Thủ tướng|UBND tỉnh|HĐND tỉnh|Tỉnh ủy).*)"
)
_DIGIT = re.compile(r"\d")
_PARTY_FORMS = frozenset({"TW", "TU", "BCĐ"})  # the Party writes 52-NQ/TW, the state 1893/QĐ-UBND


@dataclass(frozen=True, slots=True)
class _Match:
    at: int
    citation: Citation


class _Forms:
    """The short forms of kinds and issuers, and the patterns made of them."""

    def __init__(self, lists: WordLists) -> None:
        self.kinds = dict(line.split(" ", 1) for line in lists["kinds"])
        self.issuers = dict(line.split(" ", 1) for line in lists["issuers"])
        self.kind_by_upper = {form.upper(): form for form in self.kinds}
        self.issuer_by_upper = {form.upper(): form for form in self.issuers}
        known = (line.split(" ", 1) for line in lists["known"])
        self.known = {name: number for number, name in known}
        types = _longest_first(map(re.escape, self.kinds))
        self.number = re.compile(
            rf"(?<![\w/.,-])(?P<no>\d{{1,5}}[A-Za-z]?)(?:\s?/\s?(?P<year>(?:19|20)\d\d))?\s?(?P<first>[-–/])\s?"
            rf"(?:(?P<type>{types})\s?(?P<second>[-–/])?\s?"
            rf"(?P<issuer>[A-ZĐ][A-ZĐa-z]*(?:\d{{1,2}})?(?:[-–&][A-ZĐ]+)*)?"
            rf"|(?P<law>QH\d{{1,2}}|UBTVQH\d{{1,2}}))(?![\w/])"
        )
        words = _longest_first({*self.kinds.values(), "Nghị quyết liên tịch", "Văn bản"})
        self.short = re.compile(
            rf"\b(?P<kind>{words})(?: số)? (?P<no>\d{{1,4}})(?:/(?P<year>(?:19|20)\d\d))?(?!{_NO_SHORT_FORM})",
            re.IGNORECASE,
        )
        self.kind_before = re.compile(rf"({words})(?: số)? ?$", re.IGNORECASE)


def _longest_first(words: Iterable[str]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


@cache
def _forms() -> _Forms:
    return _Forms(WordLists(Path(__file__).with_name("documents.yml")))


def find_documents(text: str, now: datetime) -> list[Citation]:
    """The documents a text cites, once each, in order of first mention; ``quote`` is the sentence.

    ``now`` (aware) is the day of the text: it gives the year of «ngày 22-4» and rules out dates after it. A
    number has one form whatever the spaces and capitals: «Nghị quyết số 52 - NQ/TW» is 52-NQ/TW.
    """
    cited: dict[str, Citation] = {}
    text = nfc(text)
    today = now.astimezone(HANOI).date()
    lines = [text[start:end] for start, end in sentences(text)]
    for line in lines:
        if not _DIGIT.search(line):
            continue
        for citation in _cited(line, today, _by_short(cited)):
            known = cited.get(citation.number)
            if known is None or (known.dated is None and citation.dated):
                cited[citation.number] = citation if known is None else replace(known, dated=citation.dated)
    return list(cited.values())


def _by_short(cited: dict[str, Citation]) -> dict[tuple[str, int], str]:
    """How documents already cited in full may be named in short."""
    short = {}
    for number, citation in cited.items():
        digits = re.match(r"\d+", number)
        if digits:
            short[citation.kind, int(digits[0])] = number
    return short


def _cited(line: str, today: date, short: dict[tuple[str, int], str]) -> Iterator[Citation]:
    results = [*_full(line, today), *_shortened(line, today, short)]
    yield from (each.citation for each in sorted(results, key=lambda each: each.at))


def _full(line: str, today: date) -> Iterator[_Match]:
    for match in _forms().number.finditer(line):
        named = _canonical(match)
        if named is None:
            continue
        number, kind, issuer = named
        before, after = line[: match.start()], line[match.end() :]
        kind = _forms().kinds[kind] if kind else _kind_before(before)
        who = _who(issuer, before, after)
        yield _Match(match.start(), Citation(number, kind, who, _dated(before, after, today), line))


def _who(issuer: str, before: str, after: str) -> str:
    """The issuer in words; of the Party's central bodies the one named beside the number."""
    if issuer != "TW":
        return _forms().issuers.get(issuer.rstrip("0123456789"), issuer)
    body = _PARTY.search(after[:90]) or _PARTY.search(before[-90:])
    return body[0] if body else _forms().issuers["TW"]


def _canonical(match: re.Match[str]) -> tuple[str, str, str] | None:
    number, year, law = match["no"], match["year"], match["law"]
    if law:
        return (f"{number}/{year}/{law}", "", law) if year else None
    kind = _forms().kind_by_upper[match["type"].upper()]
    issuer = match["issuer"] or ""
    if not issuer:
        return None
    issuer, number = _issuer_form(issuer), number.zfill(2)
    if year:
        return f"{number}/{year}/{kind}-{issuer}", kind, issuer
    party = issuer in _PARTY_FORMS or (issuer not in _forms().issuers and match["first"] != "/")
    return (f"{number}-{kind}/{issuer}" if party else f"{number}/{kind}-{issuer}"), kind, issuer


def _issuer_form(issuer: str) -> str:
    letters = issuer.rstrip("0123456789")
    return _forms().issuer_by_upper.get(letters.upper(), letters) + issuer[len(letters) :]


def _kind_before(before: str) -> str:
    result = _forms().kind_before.findall(before.rstrip("( "))
    return _capital(result[-1]) if result else "Nghị quyết"


def _capital(kind: str) -> str:
    return kind[0].upper() + kind[1:].lower()


def _shortened(line: str, today: date, short: dict[tuple[str, int], str]) -> Iterator[_Match]:
    for match in _forms().short.finditer(line):
        kind, digits = _capital(match["kind"]), match["no"]
        after = line[match.end() :]
        known = _forms().known.get(f"{kind} {int(digits)}")
        number = short.get((kind, int(digits))) or _number_of(kind, digits, match["year"], after[:90]) or known
        if kind == "Đề án":
            number, kind = known, "Quyết định"
        if number is None:
            continue
        issuer = _who(re.split(r"[-/]", number)[-1], line[: match.start()], after)
        if number == known and issuer == _forms().issuers["TW"]:
            issuer = "Bộ Chính trị"
        yield _Match(
            match.start(), Citation(number, kind, issuer, _dated(line[: match.start()], after, today), line)
        )


def _number_of(kind: str, digits: str, year: str | None, after: str) -> str | None:
    """The number of a document named by kind and issuer: «Kết luận số 14 của Bộ Chính trị» is 14-KL/TW."""
    form = next((form for form, name in _forms().kinds.items() if name == kind), None)
    if form is None:
        return None
    if year and kind == "Nghị định":
        return f"{digits}/{year}/NĐ-CP"
    issued = _ISSUED.match(after)
    if issued is None:
        return None
    body = (issued[1] or issued[2])[:45]
    if _PROVINCE_PARTY.match(body):
        return f"{digits.zfill(2)}-{form}/TU"
    if _PARTY.match(body):
        return f"{digits.zfill(2)}-{form}/TW"
    for pattern, issuer in _BODIES:
        if pattern.match(body):
            if year:
                return f"{digits}/{year}/{form}-{issuer}"
            return f"{digits.zfill(2)}/{form}-{issuer}"
    return None


def _dated(before: str, after: str, today: date) -> str | None:
    match = _AFTER.match(after) or _BEFORE.search(before)
    if match:
        return _day(int(match["y"]), int(match["m"]), int(match["d"]), today)
    near = _AFTER_SHORT.match(after)
    if near:
        month, day = int(near["m"]), int(near["d"])
        return _day(today.year, month, day, today) or _day(today.year - 1, month, day, today)
    return None


def _day(year: int, month: int, day: int, today: date) -> str | None:
    try:
        dated = date(year, month, day)
    except ValueError:
        return None
    return dated.isoformat() if dated <= today + timedelta(days=1) else None
