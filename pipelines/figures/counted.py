"""Names from what stands behind a number: a counted noun, «80% hộ có mạng», «hạng 3 về chuyển đổi số»."""

import re

from archive.config import LazyPattern
from pipelines.figures.amounts import WORDS, Mark
from pipelines.figures.carried import NamedAt
from pipelines.figures.phrase import NAMELESS, Name, is_plain, is_subject, known_as, lowered, phrase, stripped

_FEWEST = 500  # «dưới 10 lao động» is a threshold
_LONGEST = 12  # words of a name
_LONGEST_SHARE = 18  # words of «tỷ lệ thủ tục hành chính …»
_LONGEST_AFTER = 8  # words behind a counted noun
_LONGEST_PLAIN = 5  # words behind people and the like
_PEOPLE = frozenset({"lao động", "công nhân", "khách", "lượt khách"})
_JOBS = re.compile(r"\bviệc làm (?:mới |ổn định |trực tiếp )?cho (?:\w+ )?$", re.IGNORECASE)
_THINGS = WORDS.pattern(r"^(?:«sectors»|«shared»)(?!\w)")
_ALONE = re.compile(r"\b(?:riêng|trong đó|gồm)\b", re.IGNORECASE)
_INSIDE = re.compile(r"\b(?:của|trong|tại|ở|thuộc|từ|cho|gồm|cùng|với)\s(?!đó)(?:\w+ )?$", re.IGNORECASE)
_TOPIC = re.compile(r"^(?P<topic>[^:\d,;.]{5,50}):[^,;.:]{0,12}$")
_EXISTS = WORDS.pattern(
    r"(?:^|\s)(?:có|với|gồm|đạt|là|còn|lên|tổng số|của|trong tổng|trong tổng số|đủ|chỉ ghi|ghi nhận|mời)"
    r"(?:\s+(?:«qualifiers»|tổng số|cả))*\s*$"
)
_NO_PHRASE = WORDS.pattern(r"(?<!\w)(?:«no_phrase»)(?!\w)|\d")
_NO_PREDICATE = WORDS.pattern(r"(?<!\w)(?:«no_predicate»)(?!\w)|\d")
_ENDS_OPEN = WORDS.pattern(r"(?:^|\s)(?:«ends_open»)$")
_NUMBER = re.compile(r"^.*\d[^\s\d]*\s+(?:(?:nghìn|ngàn|vạn|triệu|tỷ|tỉ)\s+)*|^.*\d.*$")
_PLAIN = frozenset(WORDS["plain_counts"])
_MORE = re.compile(r"\s*(?:(?:và|hoặc) (?!\d)|, ?[A-ZĐ])")  # a noun that goes on behind a joint
_PAIR = re.compile(r", (?:phường|xóm|thôn|thành phố|tổ dân phố|tổ chức|cá nhân|viên chức|buôn)(?!\w)")
_AFTER_END = WORDS.pattern(
    r"[,;.:()“”\"/–|‘’']|\s-\s(?!xã hội|xây dựng|kỹ thuật|thể thao)|(?:^|\s)(?:«after_noun»)(?!\w)"
)
_TWIN = re.compile(r"(?P<same>\w+), \w+ (?P=same)(?!\w)")  # «2 bản án sơ thẩm, phúc thẩm»
_STOP = re.compile(r"[,;.:()“”\"/–|]|\s-\s|$")
_PREDICATE = WORDS.pattern(r"\s*(?P<what>(?:«predicates»)(?!\w)[^,;.:()“”\"/–|]*)")
_NARROWED = re.compile(r"\s*(?:của|thuộc|đến từ|từ|là|về) (?!(?:tỉnh|Thái Nguyên|cả nước|địa phương)(?!\w))")
_ABOUT = re.compile(r"^(?:[^,;.()]|,(?= thành phố)){0,60}?\bvề (?P<what>[^,;.()”\"]+)")
_ABOUT_END = WORDS.pattern(r"\s(?:«after_noun»)(?!\w).*$")
_YEAR = re.compile(r"\s*\b(?:năm|giai đoạn) \d{4}(?:\s?[-–]\s?\d{4})?|\s+\d{4}$")
_SHARED = WORDS.pattern(
    r"^\s*(?:trong )?(?:tổng )?(?:số )?(?:các )?(?P<what>(?P<noun>«shared»)(?!\w)[^,;.:()“”\"/–|]*)"
)
_GIVES = WORDS.pattern(r"^(?:.*(?<!\w))?(?:«shares»)(?:\s+(?:«qualifiers»))*$")
_LESS = WORDS.pattern(r"^\s*(?P<what>(?:«lessened»)(?!\w)[^,;.:()“”\"/–|]*)")
_ACTS = WORDS.pattern(
    r"(?:^|\s)(?P<act>«acts»)(?:\s+(?:được|thêm|mới|cho|tổng số|tổng cộng|hàng|chỉ|còn|là|đạt"
    r"|(?!từ\b|đến\b)(?:«qualifiers»)))*\s*$"
)
_MONEY = dict(line.split("=") for line in WORDS["money_acts"])
_NOUN_OF = {re.sub(r"\(.*?\)", "", act): noun for act, noun in _MONEY.items()}
_PAID = WORDS.pattern(
    rf"(?:^|\s)(?P<act>{'|'.join(_MONEY)})(?:\s+(?:được|thêm|cho|tổng số|tổng cộng|hàng|là|«qualifiers»))*\s*$"
)
_SIZES = dict(line.split("=") for line in WORDS["sizes"])
_SIZED = WORDS.pattern(rf"(?:^|\s)(?P<size>{'|'.join(_SIZES)})(?:\s+(?:tới|đến|là|«qualifiers»))*\s*$")
_DAMAGED = WORDS.pattern(r"(?:^|\s)(?P<act>«damages»)(?:\s+(?:«qualifiers»|tổng cộng|cả))*\s*$")
_OTHER_ACT = WORDS.pattern(r"(?:^|\s)(?:«other_acts»)(?:\s+(?:«qualifiers»|được|thêm|xong|tổng cộng|cả))*\s*$")
_PER_EACH = re.compile(r"\b(?:(?:mỗi|từng)\s(?!năm|tháng|quý|ngày)|cứ\s|trên 1\s)", re.IGNORECASE)
_PLACE_NAMED = WORDS.pattern(r"^(?:«units_of_place»|tỉnh|thôn|xóm)\s")
_TAXED = re.compile(r"\b(?:thuế|hải quan|ngân sách|kho bạc)\b", re.IGNORECASE)
_HIT = frozenset({"con", "cây", "nhà", "căn", "căn nhà", "ngôi nhà", "cột", "cột điện"})
_FEW = re.compile(r"\b(?:dưới|trên|từ|tối đa|tối thiểu)\s$", re.IGNORECASE)
_CURRENCIES = ("đồng", "USD", "EUR")
_SHARE_OF = WORDS.pattern(
    r"(?P<what>«shares_of»)(?: (?:toàn tỉnh|của tỉnh|cả nước|chung|dưới|trên|theo chuẩn mới))*"
)
_MONEY_BEHIND = WORDS.pattern(
    r"\s+(?P<what>«money_behind»)(?=\s*(?:[,.;)]|$)|\s(?:năm|trong|từ|và|của|cho|so|quý)\b)"
)
_PRICED = WORDS.pattern(
    r"(?:^|[,;:.]\s)\s*(?P<what>[^,;:.]{3,40}?) có (?:giá|giá bán|mức giá)(?:\s+(?:«qualifiers»|là|từ))*\s*$"
)
_OF_STUFF = {"ha": "diện tích", "tấn": "lượng", "kg": "lượng"}
_BARE = frozenset({"sản lượng", "diện tích", "trữ lượng", "khối lượng", "lượng"})


def counted(at: NamedAt) -> Name | None:
    """The counted noun with all that belongs to it, else what the clause before names."""
    line, mark = at.line, at.mark
    if not mark.counts:
        return None
    rest, end = _rest(line, mark)
    noun = f"{_written_unit(line, mark)} {rest}".strip().replace(" ,", ",")
    if before := _before(at, rest):
        return before
    if found := _whole(at, noun, end):
        return found
    if not rest or rest.startswith(","):
        return _bare(at, noun, end)
    if not _is_whole(line, mark, rest, noun, end):
        return NAMELESS
    if mark.unit in _HIT and (damage := _DAMAGED.search(line[at.before : mark.start])):
        noun = f"{noun} {damage['act'].lower()}"
    told = f"{at.clause.change} {noun}".strip()
    return Name("", told, noun, mark.unit)


def _rest(line: str, mark: Mark) -> tuple[str, int]:
    """The words that belong to a counted noun, and where they end."""
    if pair := _PAIR.match(line, mark.end):
        return pair[0], pair.end()
    end = mark.end + _end_of(line[mark.end :])
    return line[mark.end : end].strip(' .”"»'), end


def _end_of(after: str) -> int:
    """Where the noun that text begins with ends; «Từ» of «xã Đại Từ» is no joint."""
    ends = (match for match in _AFTER_END.finditer(after) if not match[0].strip()[:1].isupper())
    return next((match.start() for match in ends), len(after))


def _before(at: NamedAt, rest: str) -> Name | None:
    """«Số doanh nghiệp quay trở lại là 312 doanh nghiệp», «khách quốc tế 120 nghìn lượt khách»."""
    words = at.clause.words
    if not words or not at.clause.linked or at.clause.change or (rest and not at.part):
        return None
    told = phrase(words)
    if told and (not at.clause.link or is_subject(words, told, at.clause.link)):
        return known_as(told, "", at.mark.unit, at.known) or Name("", told, told, at.mark.unit, at.clause.link)
    return None


def _whole(at: NamedAt, noun: str, end: int) -> Name | None:
    """The indicator that a counted noun is; «12 dự án FDI của Samsung» are not all of them."""
    if at.clause.change or _NARROWED.match(at.line, end) or _PREDICATE.match(at.line, end):
        return None
    act = _ACTS.search(at.line[at.before : at.mark.start])
    for words in (f"{noun} {act['act']}".lower(),) if act else ():
        if found := known_as(words, "", at.mark.unit, at.known):
            return found
    return known_as(noun, "", at.mark.unit, at.known)


def _bare(at: NamedAt, noun: str, end: int) -> Name:
    """A noun that nothing is added to, with what is done with it: «tiếp nhận 28.600 hồ sơ»."""
    if _PREDICATE.match(at.line, end):
        return _told_after(at, noun, end) or NAMELESS
    piece, words = at.line[at.before : at.mark.start], ""
    if at.clause.change or (at.mark.unit in _PEOPLE and at.mark.value < _FEWEST and _FEW.search(piece)):
        return NAMELESS
    if act := _ACTS.search(piece):
        words = f"{noun} {act['act'].lower()}"
    elif _JOBS.search(piece):
        words = f"{noun} có việc làm"
    elif topic := _topic(at):
        words = f"{topic}: {noun}"
    elif at.mark.unit in _PEOPLE or (_EXISTS.search(piece) and at.mark.unit not in _PLAIN):
        words = noun
    elif _goes_before(at):
        words = f"{noun} {lowered(at.clause.words)}"
    known = known_as(words, "", at.mark.unit, at.known) if words != noun else None
    return known or (Name("", words, words, at.mark.unit) if words else NAMELESS)


def _topic(at: NamedAt) -> str:
    """«Chữ ký số: 18.000 người»."""
    match = None if at.before else _TOPIC.match(at.line[: at.mark.start])
    return lowered(stripped(match["topic"])) if match and is_plain(stripped(match["topic"])) else ""


def _goes_before(at: NamedAt) -> bool:
    """«Riêng chè giả 57 vụ», «khách quốc tế 120 nghìn lượt»."""
    words = at.clause.words
    fits = 2 <= len(words.split()) <= 4 and words[0].islower() and not at.clause.linked
    fits = fits and not _PLACE_NAMED.match(words)
    return (
        fits
        and bool(_THINGS.match(words) or _ALONE.search(at.line, at.before, at.mark.start))
        and is_plain(words)
    )


def _told_after(at: NamedAt, noun: str, end: int) -> Name | None:
    """«1.312 thủ tục được cung cấp trực tuyến»: what a sentence says of the things it counts."""
    match = _PREDICATE.match(at.line, end)
    if (
        not match
        or at.clause.change
        or _INSIDE.search(at.line, at.before, at.mark.start)
        or not _STOP.match(at.line, match.end())
    ):
        return None
    what = match["what"].strip().removeprefix("là ")
    if not 2 <= len(what.split()) <= _LONGEST_AFTER or _NO_PREDICATE.search(what) or _ENDS_OPEN.search(what):
        return None
    words = f"{noun} {what}"
    return Name("", words, words, at.mark.unit)


def _is_whole(line: str, mark: Mark, rest: str, noun: str, end: int) -> bool:
    return not (
        (mark.unit in _PLAIN and not _ends_line(line, end, rest))
        or _MORE.match(line, end)
        or _TWIN.match(line, line.rfind(" ", 0, end) + 1)
        or len(rest.split()) > _LONGEST_AFTER
        or _NO_PHRASE.search(rest)
        or _ENDS_OPEN.search(noun)
    )


def _ends_line(line: str, end: int, rest: str) -> bool:
    """Whether a short clause ends behind the noun: «7.200 cán bộ đổi tài khoản.»."""
    return (
        len(rest.split()) <= _LONGEST_PLAIN and bool(_STOP.match(line, end)) and not _NO_PREDICATE.search(rest)
    )


def _written_unit(line: str, mark: Mark) -> str:
    written = line[mark.start : mark.end]
    return (_NUMBER.sub("", written) if written[0].isdigit() else "") or mark.unit


def about(at: NamedAt) -> Name | None:
    """What a rank is about: «đứng thứ 3 cả nước về chuyển đổi số»."""
    match = _ABOUT.match(at.line[at.mark.end :]) if at.mark.unit == "hạng" else None
    if not match:
        return None
    what = _ABOUT_END.sub("", _YEAR.sub("", match["what"])).strip()
    if found := known_as(what, "", "hạng", at.known):
        return found
    if not what or len(what.split()) > _LONGEST or _NO_PHRASE.search(what) or _ENDS_OPEN.search(what):
        return NAMELESS
    return Name("", what, what, "hạng")


def shared(at: NamedAt) -> Name | None:
    """«80% hộ có mạng»: the share of them of which the rest is said; «giảm 30% thời gian» a change."""
    words = at.clause.words.lower()
    cut = at.clause.change and words.endswith(("cắt", "điều chỉnh"))
    if at.mark.unit != "%" or (words and not cut and words not in {"tỷ lệ", "tỉ lệ"}):
        return None
    after = at.line[at.mark.end :]
    if at.clause.change:
        less = _LESS.match(after)
        what = less["what"].strip() if less else ""
        return Name("", f"{at.clause.change} {what}", what) if _ends_well(what, _NO_PHRASE) else None
    match = _SHARED.match(after)
    piece = at.line[at.before : at.mark.start].rstrip()
    if not match or not (_GIVES.match(piece) or not at.clause.link):
        return None
    words = f"tỷ lệ {match['what'].strip()}"
    if len(match["what"].split()) < len(match["noun"].split()) + 2:
        return None
    if not _ends_well(words, _NO_PREDICATE, _LONGEST_SHARE):
        return None
    return known_as(words, "", "%", at.known) or Name("", words, words, "%")


def _ends_well(words: str, wrong: LazyPattern, longest: int = _LONGEST) -> bool:
    return 2 <= len(words.split()) <= longest and not wrong.search(words) and not _ENDS_OPEN.search(words)


def done(at: NamedAt) -> Name | None:
    """«phạt 1,9 tỷ đồng», «rộng 110 ha»: the noun of the verb."""
    piece = at.line[at.before : at.mark.start]
    if at.clause.link == "trị giá":
        return _worth(at)
    if at.mark.unit in {"đồng", "USD", "EUR"} and (paid := _PAID.search(piece)):
        if _PER_EACH.search(piece):
            return None
        noun = _NOUN_OF[paid["act"].lower()]
        if noun == "số thu" and not _TAXED.search(at.line):  # «thu được 15.300 tỷ» says nothing
            return None
        return Name("", noun, noun, at.mark.unit)
    if at.mark.unit in {"ha", "m2", "km2", "m", "km"} and (sized := _SIZED.search(piece)):
        noun = _SIZES[sized["size"].lower()]
        return Name("", noun, noun, at.mark.unit)
    return None


def _worth(at: NamedAt) -> Name | None:
    """«lô hàng xuất khẩu trị giá 2 tỷ đồng»."""
    words = at.clause.words
    if not 2 <= len(words.split()) <= 8 or not is_plain(words) or words[:2].isupper():
        return None
    told = f"giá trị {lowered(words)}"
    return Name("", told, told, at.mark.unit)


def stuff(at: NamedAt) -> Name | None:
    """«22.200 ha chè», «12 tấn chè»: how much of what."""
    kind = _OF_STUFF.get(at.mark.unit)
    if not kind:
        return None
    after = at.line[at.mark.end :]
    what = after[: _end_of(after)].strip()
    if not 1 <= len(what.split()) <= 5 or _NO_PHRASE.search(what) or _ENDS_OPEN.search(f"{kind} {what}"):
        return None
    bare = at.clause.words if at.clause.words.lower() in _BARE else ""
    if at.own and at.clause.linked and not bare:
        return None
    words = what if what.startswith(kind) else f"{bare or kind} {what}"
    piece = at.line[at.before : at.mark.start]
    if damage := _DAMAGED.search(piece):
        words = f"{words} {damage['act'].lower()}"
    elif _OTHER_ACT.search(piece):
        return NAMELESS
    return Name("", words, words, at.mark.unit)


def beside(at: NamedAt) -> Name | None:
    """«912 tỷ đồng lãi sau thuế», «xăng RON 95 có giá 20.150 đồng/lít», «hộ nghèo còn 2,1%»."""
    piece, unit = at.line[at.before : at.mark.start], at.mark.unit
    if unit == "%" and not at.clause.change and (few := _SHARE_OF.fullmatch(at.clause.words)):
        words = f"tỷ lệ {few['what'].lower()}"
        return known_as(words, "", "%", at.known) or Name("", words, words, "%")
    if not unit.startswith(_CURRENCIES):
        return None
    if unit in _CURRENCIES and (money := _MONEY_BEHIND.match(at.line, at.mark.end)):
        return None if at.own and at.clause.linked else Name("", money["what"], money["what"], unit)
    priced = _PRICED.search(piece) if " có " in piece else None
    what = stripped(priced["what"]) if priced else ""
    words = f"giá {lowered(what).removeprefix('giá ')}" if what else ""
    return Name("", words, words, unit) if words and is_plain(re.sub(r"\d+", "", words).strip()) else None
