"""What a number measures: a known indicator, else the whole noun phrase of its sentence, else nothing."""

import re
from dataclasses import dataclass

from archive.figures.indicators import Indicators
from pipelines.figures.amounts import WORDS, Mark

_LONGEST = 12  # words of a name
_LONGEST_AFTER = 8  # words behind a counted noun
_BREAK = re.compile(
    r"[|;:()“”\"«»!?‘’']|,\s(?!thành phố)|\s[–-]\s(?=(?:nơi|điều|một|đây))|\.\s|\b(?:cho biết|cho thấy|rằng)\b"
)
_LEADING = WORDS.pattern(r"^(?:(?:«leading»)(?!\w),?\s*)+")
_LINK = WORDS.pattern(
    r"(?:^|\s)(?P<verb>«verbs»)(?:\s+(?:«verbs»|«qualifiers»|tổng số|tổng|cả|thứ|mức|khoảng))*\s*$"
)
_QUALIFIED = WORDS.pattern(r"\s*(?<!\w)(?:«qualifiers»)\s*$")
_PLACE = WORDS.pattern(r"\s+(?:«where»)(?!\w).*$")
_TIME = re.compile(
    r"\s*\b(?:trong |của |đến |vào |tính đến |hết |tính riêng |giai đoạn |bình quân |cả |so với )?"
    r"(?:năm \d{4}(?:\s?[-–]\s?\d{4})?|\d{4}\s?[-–]\s?\d{4}|\d{1,2} tháng (?:đầu|cuối) năm(?: \d{4})?"
    r"|\d{1,2} tháng(?: năm \d{4}|/\d{4})?|quý (?:I{1,3}|IV|\d)(?:(?:/| năm )\d{4})?"
    r"|tháng \d{1,2}(?:(?:/| năm )\d{4})?|năm nay|ngày \d[\d/.-]*|đến nay|hiện nay|cả năm)(?!\w)",
    re.IGNORECASE,
)
_HEAD = WORDS.pattern(r"^(?:«heads»)(?!\w)")
_NO_PHRASE = WORDS.pattern(r"(?<!\w)(?:«no_phrase»)(?!\w)|\d")
_ENDS_OPEN = WORDS.pattern(r"(?:^|\s)(?:«ends_open»)$")
_NUMBER = re.compile(r"^.*\d\S*\s+(?:(?:nghìn|ngàn|vạn|triệu|tỷ|tỉ)\s+)*|^.*\d.*$")
_PLAIN = frozenset(WORDS["plain_counts"])
_SHARE = re.compile(r"(?:tỷ|tỉ) (?:trọng|lệ)\b|thị phần\b", re.IGNORECASE)  # what «chiếm» gives a value of
_MORE = re.compile(r"\s*(?:(?:và|hoặc) (?!\d)|, ?[A-ZĐ])")  # a noun that goes on behind a joint
_ON = WORDS.pattern(r"\s*(?:(?:«goes_on»)\s*)*")
_RANGE = re.compile(r"\s?(?:[-‒–—−]|đến)\s?")
_ABBREVIATION = re.compile(r"\s*\((?:[A-ZĐ][\w -]{1,25})\)")
_HAS = re.compile(r"^.*\b(?:có|với|gồm)\s+(?=\S)", re.IGNORECASE)
_FROM = re.compile(r"(?:^|\s)từ [\d.,]+ đến$", re.IGNORECASE)
_AFTER_END = WORDS.pattern(r"[,;.:()“”\"/–|‘’']|\s-\s|(?:^|\s)(?:«after_noun»)(?!\w)")
_ABOUT = re.compile(r"^(?:[^,;.()]|,(?= thành phố)){0,60}?\bvề (?P<what>[^,;.()”\"]+)")
_ABOUT_END = WORDS.pattern(r"\s(?:«after_noun»)(?!\w).*$")
_CHANGE = {"tăng": "mức tăng", "tăng thêm": "mức tăng", "giảm": "mức giảm"}


@dataclass(frozen=True, slots=True)
class Name:
    """What a figure measures: the key of a known indicator ('' for none) and the words for it ('' unnamed)."""

    key: str = ""
    words: str = ""
    noun: str = ""  # without «mức tăng»: what the next clause may speak of too


NAMELESS = Name()


def name(line: str, mark: Mark, before: int, last: Name, known: Indicators | None) -> Name:
    """The name of the number at ``mark``; ``before`` is where the number before ended, ``last`` its name."""
    if mark.unit == "lần":
        return NAMELESS
    if before and _RANGE.fullmatch(line, before, mark.start):
        return last
    if mark.counts:
        return _counted(line, mark, known)
    if mark.unit == "hạng" and (about := _about(line, mark, known)):
        return about
    clause, link = _clause(line, mark, before)
    if link is None:
        return _cell(line, mark, before, known)
    change = _change(link, mark)
    if clause:
        return _named(clause, link, mark, known, change)
    if before and last.noun and (change or mark.unit == "hạng") and _goes_on(line, mark, before):
        return _changed(last.noun, change, mark, known)
    return NAMELESS


def _goes_on(line: str, mark: Mark, before: int) -> bool:
    """Whether nothing else is named between the number before and this one."""
    return mark.unit != "hạng" or bool(_ON.fullmatch(_BREAK.split(line[before : mark.start])[-1]))


def _change(link: str, mark: Mark) -> str:
    if mark.unit == "hạng":
        return ""
    return next((told for word, told in _CHANGE.items() if re.match(rf"{word}\b", link)), "")


def _clause(line: str, mark: Mark, before: int) -> tuple[str, str | None]:
    """The words from the last break to the number without the verb between, and that verb; None: no name."""
    piece = _BREAK.split(_ABBREVIATION.sub("", line[before : mark.start]))[-1]
    piece = _FROM.sub("", f" {piece.strip()}").rstrip()
    if match := _LINK.search(piece):
        rises_from = re.search(r"\btừ$", piece)
        return _stripped(piece[: match.start()]), "từ" if rises_from else match["verb"].lower()
    bare = _stripped(_QUALIFIED.sub("", piece))
    if mark.unit == "hạng":
        return bare, ""
    return (
        (bare[whose.end() :], "") if (whose := _HAS.match(bare)) else (bare, "" if _HEAD.match(bare) else None)
    )


def _stripped(text: str) -> str:
    text = _LEADING.sub("", _TIME.sub("", f" {text}").strip(" ,"))
    text = _PLACE.sub("", f" {text}").strip(" ,")
    return _LEADING.sub("", text).strip(" ,-–")


def _named(clause: str, link: str, mark: Mark, known: Indicators | None, change: str) -> Name:
    if known and (found := _known(clause, link, mark, known, change=bool(change))):
        return found
    if link.startswith("chiếm") and not _SHARE.match(clause):
        return NAMELESS
    phrase = _phrase(clause)
    return _changed(phrase, change, mark, None) if phrase else NAMELESS


def _known(clause: str, link: str, mark: Mark, known: Indicators, *, change: bool) -> Name | None:
    """The indicator that makes up the clause but for its place and abbreviation."""
    whole = f"{clause} {link}".strip()
    for one in known.find(whole, mark.unit, change=change):
        rest = f"{whole[: one.start]} {whole[one.end :].removesuffix(link)}"
        if not re.sub(
            r"\([^)]*\)|\b(?:tỉnh|Thái Nguyên|của|toàn|chỉ số|ngành)\b", "", rest, flags=re.IGNORECASE
        ).strip(" ,-–"):
            return Name(one.key, known.known[one.key].name, known.known[one.key].name)
    return None


def _phrase(clause: str) -> str:
    """The clause where it is a noun phrase of measure and nothing else, else ''."""
    words = clause.split()
    if not 2 <= len(words) <= _LONGEST or not _HEAD.match(clause):
        return ""
    return "" if _NO_PHRASE.search(clause) or _ENDS_OPEN.search(clause) else clause


def _changed(noun: str, change: str, mark: Mark, known: Indicators | None) -> Name:
    if known:
        for one in known.find(noun, mark.unit, change=bool(change)):
            if one.start == 0 and one.end == len(noun):
                return Name(one.key, known.known[one.key].name, noun)
    if not change or noun.lower().startswith(("mức tăng", "mức giảm", "tốc độ ", "tăng trưởng")):
        return Name("", noun, noun)
    return Name("", f"{change} {_lower(noun)}", noun)


def _counted(line: str, mark: Mark, known: Indicators | None) -> Name:
    """The counted noun with all that belongs to it; nothing where it is not sure where that ends."""
    after = line[mark.end :]
    end = _AFTER_END.search(after)
    rest = after[: end.start()].strip() if end else after.strip(' .”"»')
    noun = f"{_written_unit(line, mark)} {rest}".strip()
    if known:
        for one in known.find(noun, mark.unit):
            if one.start == 0 and one.end == len(noun):
                return Name(one.key, known.known[one.key].name, noun)
    if (
        not rest
        or mark.unit in _PLAIN
        or (end and _MORE.match(after, end.start()))
        or len(rest.split()) > _LONGEST_AFTER
        or _NO_PHRASE.search(rest)
        or _ENDS_OPEN.search(noun)
    ):
        return NAMELESS
    return Name("", noun, noun)


def _written_unit(line: str, mark: Mark) -> str:
    written = line[mark.start : mark.end]
    return (_NUMBER.sub("", written) if written[0].isdigit() else "") or mark.unit


def _about(line: str, mark: Mark, known: Indicators | None) -> Name | None:
    """What a rank is about: «đứng thứ 3 cả nước về chuyển đổi số»."""
    match = _ABOUT.match(line[mark.end :])
    if not match:
        return None
    what = _ABOUT_END.sub("", _TIME.sub("", match["what"])).strip()
    if known:
        for one in known.find(what, mark.unit):
            if one.start == 0 and one.end == len(what):
                return Name(one.key, known.known[one.key].name, known.known[one.key].name)
    if not what or len(what.split()) > _LONGEST or _NO_PHRASE.search(what) or _ENDS_OPEN.search(what):
        return NAMELESS
    return Name("", what, what)


def _cell(line: str, mark: Mark, before: int, known: Indicators | None) -> Name:
    """The first cell of a table's row names all its numbers."""
    if "|" not in line:
        return NAMELESS
    cell = _stripped(line.split("|")[0].strip())
    if known and (found := _known(cell, "", mark, known, change=False)):
        return found
    return (
        NAMELESS
        if not cell or _NO_PHRASE.search(cell) or len(cell.split()) > _LONGEST
        else Name("", cell, cell)
    )


def _lower(name: str) -> str:
    return name[0].lower() + name[1:] if name[1:2].islower() else name
