"""What a number measures: a known indicator, else the whole noun phrase of its sentence, else nothing."""

import re
from collections.abc import Callable
from dataclasses import replace

from archive.figures.indicators import Indicators
from pipelines.figures.amounts import WORDS, Mark
from pipelines.figures.carried import (
    NamedAt,
    again,
    against,
    changed,
    contributed,
    covered,
    extreme,
    goes_on,
    headed,
    index_named,
    listed,
    rated,
)
from pipelines.figures.counted import about, beside, counted, done, shared, stuff
from pipelines.figures.phrase import (
    NAMELESS,
    Name,
    is_plain,
    is_subject,
    known_as,
    lowered,
    of_a_place,
    phrase,
    read_clause,
    stripped,
)
from pipelines.figures.subject import FigureSubject

_RANGE = re.compile(r"\s?(?:[-‒–—−]|đến)\s?")
_NO_PHRASE = WORDS.pattern(r"(?<!\w)(?:«no_phrase»)(?!\w)|\d")
_SHARE = re.compile(r"(?:tỷ|tỉ) (?:trọng|lệ)\b|thị phần\b", re.IGNORECASE)  # what «chiếm» gives a value of
_NAMES = re.compile(r"(?:[A-ZĐ]\S*\s?)+|(?:(?:con )?số|mức|tỷ lệ|trong|đây) .*")
_SUMS = re.compile(r"tổng|vốn|doanh thu|giá trị|kim ngạch|số ", re.IGNORECASE)
_BARE_NOUNS = frozenset(WORDS["bare_nouns"])
_BARE_COUNTS = frozenset(WORDS["bare_counts"])
_CUT = WORDS.pattern(r"(?:^|\s)(?:«cut_ends»)$|[?!…]$")
_BEFORE_A_PLACE = re.compile(r"^\w+ (?:xã|phường|huyện|tỉnh|thị trấn) [A-ZĐ]\w*$")
_PROVINCES = 30  # a rank is of an index where at least so many are ranked
_OF_FIRMS = frozenset({"exports", "imports", "trade", "credit", "deposits", "bad_debt_rate"})
_VISITED = frozenset({"tourists", "foreign_tourists", "tourism_revenue"})
_TRADED = frozenset({"exports", "imports", "trade", "trade_surplus"})
_GROUP = WORDS.pattern(r"(?<!\w)(?:«groups»)(?!\w)[^,;.]{0,60}?\s(?:có|đạt|với|phải|đã)\s[^,;]*$")
_ONE_OF_MANY = WORDS.pattern(r"(?<!\w)(?:«one_of_many»)(?!\w)")
_REGION = re.compile(
    r"[^,;.]{0,20}?\b(?:khu vực|vùng|trung du|miền|nhóm|cụm thi đua|trong số|ngành)\b", re.IGNORECASE
)
_AT_LEAST = re.compile(r"\b(?:tối thiểu|ít nhất|không dưới|không quá|tối đa)\s(?:\w+\s){0,2}$", re.IGNORECASE)
_OF_ALL = re.compile(
    r"\b(?:(?:toàn|cả) tỉnh|tỉnh (?:đã )?(?:đón|thu hút|đạt|xuất khẩu|nhập khẩu)"
    r"|(?:khẩu|hàng hóa|kim ngạch|thương mại|du lịch|khách)[^,;.]{0,15} của (?:tỉnh|(?-i:[A-ZĐ])))",
    re.IGNORECASE,
)
_HOLIDAY = re.compile(r"\b(?:nghỉ|lễ|tết|ngày|tuần|sự kiện)\b", re.IGNORECASE)
_SO_FAR = re.compile(r"\b(?:tháng|quý|lũy kế|luỹ kế|cả năm|đầu năm|năm \d{4})\b", re.IGNORECASE)
_TOP = re.compile(r"(?:top|tốp|nhóm|trong) ", re.IGNORECASE)
_THAN = re.compile(r"\b(?P<than>nhỏ|lớn|thấp|cao|ít|nhiều|dài|ngắn|rộng|nặng|nhẹ) hơn\s*$", re.IGNORECASE)
_OR_MORE = re.compile(r"\s*(?:trở lên|trở xuống)")
_AIM = re.compile(r"\b(?:mục tiêu|phấn đấu|chỉ tiêu)\b", re.IGNORECASE)
_CAUSED = re.compile(r"\b(?:làm|khiến|tác động|kéo|đẩy)\b", re.IGNORECASE)
_VISIT = WORDS.pattern(r"(?<!\w)(?:«visits»)(?!\w)")
_PER_DAY = re.compile(r"(?:\s(?!so)\w+){0,3}\s?(?:/|mỗi |một )\s?(?:\d+ )?(?:ngày|tuần|giờ|chuyến)")
_SETTLED = WORDS.pattern(r"(?<!\w)(?:«settlements»)(?!\w)")
_INSPECTED = WORDS.pattern(r"(?<!\w)(?:«inspected»)(?!\w)[^;.]*$")
_STOPPED = re.compile(r"[^,;.]{0,25}\b(?:ngừng|giải thể|bị|không)\b")
_INVESTOR = re.compile(r"\b(?:nhà đầu tư|đối tác|quốc gia|thị trường)\b", re.IGNORECASE)
_GOODS = WORDS.pattern(r"(?<!\w)(?:«goods»)(?!\w)")
_LONGEST = 12  # words of a table's cell


def name(line: str, mark: Mark, before: int, last: Name, known: Indicators | None) -> Name:
    """The name of the number at ``mark``; ``before`` is where the number before ended, ``last`` its name."""
    if before and _RANGE.fullmatch(line, before, mark.start):
        return last
    at = NamedAt(line, mark, before, last, read_clause(line, mark, before), known)
    found = next((told for rule in _rules(mark) if (told := rule(at)) is not None), NAMELESS)
    than = _THAN.search(line, before, mark.start)
    half = (
        than is not None
        and not found.words.lower().startswith("chiều")
        and found.words.lower().endswith(f" {than['than'].lower()}")
    )
    if found.words and not found.key and (half or _is_cut(found.words, mark)):
        found = NAMELESS
    if at.part and not found.whole:
        found = replace(found, whole=last.whole)
    seen = (*last.seen, found.key) if found.key else last.seen
    if found.key and at.part and found.key in last.seen:
        return replace(NAMELESS, seen=seen)
    return replace(found, seen=seen)


def _is_cut(words: str, mark: Mark) -> bool:
    """Whether a name is only a piece: a bare classifier, or with a verb or half a place at its end."""
    return bool(
        words.lower() in _BARE_NOUNS
        or (mark.counts and words.lower() in _BARE_COUNTS)
        or _CUT.search(words)
        or (mark.counts and _BEFORE_A_PLACE.search(words))
    )


def proven(line: str, mark: Mark, told: Name, whose: FigureSubject, title: str) -> bool:
    """Whether the sentence shows that a number is a value of the indicator it is told as.

    No value: a threshold or what a group reached, a rank within a few, what one project, event, park or firm
    has, the days of a feast, one good's or one market's part of exports.
    """
    before, after = line[: mark.start], line[mark.end : mark.end + 40]
    if _GROUP.search(before) or (_ONE_OF_MANY.search(before) and told.key not in _OF_FIRMS):
        return False
    if mark.unit == "hạng" and _TOP.match(line, mark.start):  # «lọt Top 10» is within ten
        return False
    if mark.unit == "hạng" and not (mark.rank_of is None or mark.rank_of >= _PROVINCES):
        return False
    if mark.unit == "hạng" and (_REGION.match(line, mark.end) or _REGION.search(line[mark.start : mark.end])):
        return False
    if _AT_LEAST.search(before) or _OR_MORE.match(after) or (told.key == "cpi" and _CAUSED.search(before)):
        return mark.unit == "hạng" or bool(_AIM.search(before))
    if whose.kind in ("other", "company") and told.key not in _OF_FIRMS:
        return False
    if whose.kind == "province" and _is_of_all(told.key, before, title):
        title = ""
    return _counts(told.key, line, mark, whose, title) and _sold(told.key, before, after, title)


def _is_of_all(key: str, before: str, title: str) -> bool:
    """Whether a sentence tells what all the province has, which outweighs a title of one good or a feast."""
    if key not in _VISITED:
        return bool(_OF_ALL.search(before))
    clause = before.rsplit(";", 1)[-1]
    return bool(_OF_ALL.search(clause) and (_SO_FAR.search(clause) or not _HOLIDAY.search(title)))


def unproven(told: Name) -> Name:
    """The name without its key; passengers are no tourists in name either."""
    return replace(told, key="", words=told.noun if told.key in _VISITED and told.noun else told.words)


def _counts(key: str, line: str, mark: Mark, whose: FigureSubject, title: str) -> bool:
    """Whether people and things are counted where they all are: not at an event, a station, an inspection."""
    before, after = line[: mark.start], line[mark.end : mark.end + 40]
    if key in _VISITED:
        clause = f"{before.rsplit(';', 1)[-1]}{line[mark.start :].split(';', 1)[0]}"
        return not (_VISIT.search(clause) or _VISIT.search(title) or _PER_DAY.match(after))
    if (mark.counts or key == "population") and not whose.kind:
        return False
    if key == "population":
        return not (_SETTLED.search(before) or _SETTLED.search(title))
    if mark.counts and (_INSPECTED.search(before) or _STOPPED.match(after)):
        return False
    return not (key.startswith("fdi") and _INVESTOR.search(before))


def _sold(key: str, before: str, after: str, title: str) -> bool:
    """Whether exports are all of them, not one good's or one market's."""
    if key not in _TRADED:
        return True
    clause = before.rsplit(";", 1)[-1]
    return not (
        _GOODS.search(clause)
        or _GOODS.match(after.strip())
        or (_GOODS.search(title) and "tổng" not in before.lower())
    )


def _rules(mark: Mark) -> tuple[Callable[[NamedAt], Name | None], ...]:
    """The rules in the order in which they are asked."""
    if mark.counts:
        return (counted,)
    if mark.unit == "lần":
        return (against, _grown)
    if mark.unit == "hạng":
        return (about, again, _named, headed, index_named, goes_on, listed)
    first = (again, shared, against, _cell, stuff, headed, contributed, covered, rated)
    return (*first, beside, _named, index_named, extreme, goes_on, done, listed)


def _named(at: NamedAt) -> Name | None:
    """What the clause itself names."""
    words, clause = at.clause.words, at.clause
    if at.mark.value == 1 and at.mark.unit != "%":  # «trên 1 ha»
        return NAMELESS
    if not words:
        alone = clause.link == "tăng trưởng" and not at.before
        return Name("", "tăng trưởng", "tăng trưởng", at.mark.unit) if alone else None
    if found := known_as(words, clause.link, at.mark.unit, at.known, clause.change):
        return found
    if not clause.linked:
        return None
    if clause.link.startswith("chiếm") and not _SHARE.match(words):
        return _proportion(words)
    told = phrase(words, clause.change)
    if (
        told
        and of_a_place(words, told)
        and (found := known_as(told, clause.link, at.mark.unit, at.known, clause.change))
    ):
        return found
    if not told or (clause.link and not is_subject(words, told, clause.link)):
        return None
    return replace(changed(told, clause.change, at.mark, None), link=clause.link)


def _proportion(words: str) -> Name | None:
    """«Thị trường Mỹ chiếm 47%»; not «Hàn Quốc chiếm 58%», of which it is not said what."""
    plain = len(words.split()) >= 2 and words[1:2].islower() and not _NAMES.fullmatch(words) and is_plain(words)
    if not plain or _SUMS.match(words):
        return None
    told = f"tỷ trọng {lowered(words)}"
    return Name("", told, told, "%", "chiếm")


def _grown(at: NamedAt) -> Name | None:
    """«doanh nghiệp mới tăng 1,5 lần»."""
    told = phrase(at.clause.words, at.clause.change) if at.own else ""
    way = at.clause.change or "mức tăng"
    return changed(told, way, at.mark, None) if told else None


def _cell(at: NamedAt) -> Name | None:
    """The first cell of a table's row names all its numbers."""
    if "|" not in at.line or at.clause.link:
        return None
    cell = stripped(at.line.split("|")[0].strip())
    if found := known_as(cell, "", at.mark.unit, at.known):
        return found
    return None if not cell or _NO_PHRASE.search(cell) or len(cell.split()) > _LONGEST else Name("", cell, cell)
