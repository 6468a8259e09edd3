"""Whose a figure is: the province, another one, a place in it, a company, a country; and where."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

from archive.model import SubjectKind
from archive.places.gazetteer import Gazetteer
from pipelines.figures.amounts import WORDS

_UP = r"[A-ZĐÁÀẢÃẠĂẮẰẲẴẶÂẤẦẨẪẬÉÈẺẼẸÊẾỀỂỄỆÍÌỈĨỊÓÒỎÕỌÔỐỒỔỖỘƠỚỜỞỠỢÚÙỦŨỤƯỨỪỬỮỰÝỲỶỸỴ]\w*"
_NAME = rf"{_UP}(?:\s(?:-\s)?{_UP}){{0,4}}"
_NO_PART = (
    r"(?!(?:đạt|có|là|cho|đã|sẽ|với|của|tại|ở|ghi|dự|vừa|muốn|tuyển|về|trong|đang|từ|vào|đầu tư|khởi công"
    r"|công bố|xuất khẩu|hiện|nộp|thu|lãi|lỗ|chi)\s)"
)
_FIRM = rf"{_NAME}(?:(?:\s{_NO_PART}[^\W\d_A-Z]+){{1,2}}\s{_NAME}){{0,3}}"
_GOES_ON_IN = rf"(?:\s{_NO_PART}(?!(?:«no_name_goes_on»)(?!\w))[^\W\d_A-Z]+){{0,4}}?"
_NAMED = WORDS.pattern(
    rf"{_GOES_ON_IN}\s{_NAME}(?:\s(?:«inside_a_name»)(?:\s{_NAME})?){{0,3}}"
    r"(?:\sđai)?(?:\s\d{1,2}(?![\d.,%]|\s?[a-z]))?"
    r"(?=\s*(?:$|[,;.:()–|”\"])|\s(?:«after_a_name»)(?!\w))",
    flags=0,
)
_SUBJECT = WORDS.pattern(
    rf"(?<!\w)(?=[A-ZĐbcdđghkmnpstx])(?:"  # quick to say that no name begins here
    rf"(?P<country>[Dd]oanh nghiệp Việt(?= [a-zđ])"
    rf"|(?<!\d )(?<!đầu )(?<!nhất )(?<!quân )(?:«home_country»)(?!\w))"
    rf"|(?P<abroad>(?<![A-ZĐ]\w\s)(?<![A-ZĐ]\w\w\s)(?<![A-ZĐ]\w\w\w\s)(?<![A-ZĐ]\w\w\w\w\s)(?:«abroad»)(?!\w))"
    rf"|(?P<company>(?:«companies»)\s(?:{_NO_PART}[^\W\dA-Z]+\s){{0,4}}?{_FIRM}|(?:«firms»)(?!\w))"
    rf"|(?P<nobody>(?:«nobody»)(?!\w))"
    rf"|(?P<single>(?<!\d )(?<!các )(?<!những )(?<!số )(?<!nhu )(?:«singles»))"
    rf"|(?P<same_firm>(?<!\d )(?<!các )(?<!những )(?<!số )(?:«same_firm»)(?!\w))"
    rf"|(?P<other>(?P<noun>«others»)(?!\w)(?:\s{_NAME})?)"
    rf"|(?P<unit>(?<!xã, )(?:«units_of_place»)\s(?P<where>{_NAME}))"
    rf"|(?P<same_unit>(?:«same_unit»)(?!\w))"
    rf"|(?P<own>(?<!\d )(?<!các )(?<!những )(?<!một )(?<!bán )(?<!liên )(?:«own»)(?!\w)))",
    flags=0,
)


@dataclass(frozen=True, slots=True)
class FigureSubject:
    """Whose a figure is, named at ``start`` of its sentence ('' where not whole); ``place`` is where."""

    start: int
    kind: SubjectKind
    name: str
    place: str = ""
    noun: str = ""  # «dự án», of which a later sentence may speak without its name


# «Công ty Gang thép Thái Nguyên», «Vietcombank chi nhánh Thái Nguyên» are no province.
_OF_ITS_NAME = re.compile(r"\s(?:(?!tại\b|ở\b|của\b|và\b|với\b|đạt\b|cho\b|vào\b|có\b|trên\b)[^\W\d]+\s){0,2}")
NOBODY = FigureSubject(0, "", "")
# A place behind the words of a firm is part of its name: «Samsung Thái Nguyên», «Gang thép Thái Nguyên».
_BRANDED = WORDS.pattern(
    r"(?:(?<=[\w,;] )(?P<brand>[A-Z]\w+(?: [A-Z]\w*){0,2})|(?P<firm>(?:«firm_words»)(?: [A-ZĐ]\w*)?))\s$",
    flags=0,
)
_NO_BRAND = frozenset(WORDS["no_brands"])
_OFFICE = re.compile(
    r"\b(?:[Ss]ở|[Cc]ục|[Bb]an|[Hh]ội|[Đđ]oàn|[Tt]huế|[Hh]ải quan|[Cc]ông an|[Kk]ho bạc|[Tt]hanh tra"
    r"|[Tt]rung tâm|[Bb]ảo tàng|[Bb]áo|[Vv]iện|[Đđ]ảng|[Bb]ộ|[Tt]ỉnh|[Ôô]ng|bà)\s[^,.;:]{0,30}$"
)
_ROAD = WORDS.pattern(r"(?:«roads»)(?:[^,;.()]{0,25} [-–])?\s$", flags=0)
_GOES_ON = re.compile(r"\s[-–]\s[A-ZĐ]")
_BEHIND = re.compile(
    r"[^,;:.()\d]{0,50}\b(?:của|ở|tại|trên|trong)\s(?:toàn |tỉnh )?|\s(?:doanh nghiệp|người|lao động)\s"
)
_WORLD = frozenset({"thế giới", "toàn cầu"})
_HOME = "Thái Nguyên"
_COMPARED = WORDS.pattern(r"(?<!\w)(?:«no_owner»)(?: (?:tỉnh|thành phố|nước|thị trường))?\s$")
_OF_IT = re.compile(r"\s(?:của|tại|ở|thuộc|trên địa bàn)\s(?:toàn )?(?:tỉnh )?")
_JOINT = re.compile(r"(?:,| và| hay| hoặc)\s")
_ITS_OWN = re.compile(r"\s\(\d")  # «gấp đôi Thái Nguyên (47,8%)»
_WHERE_IT_IS = re.compile(r"(?:\(|\b(?:tại|ở|vào|đến|tỉnh|thuộc|chi nhánh)\s)$")
_ORDERS = re.compile(r"\s(?:giao|công bố|đánh giá|phê duyệt|xếp hạng|ban hành)\b")
_MINISTRY = re.compile(r"[Bb]ộ |[Nn]gân hàng Nhà nước")
_PART = re.compile(r"\b(?:trong đó|bao gồm|gồm|riêng(?! (?:tháng|quý|năm|trong)))\b", re.IGNORECASE)
_AT_THE_HEAD = 12  # characters; whom a title names there it is about: «Đường Thái Nguyên - Chợ Mới»
_AMONG = re.compile(rf"(?:[A-ZĐ]\w+, (?:và )?{_HOME}|{_HOME}, [A-ZĐ]\w+)")
_INCIDENT = WORDS.pattern(r"(?<!\w)(?:«incidents»)(?!\w)")
_NEEDS_NAME = WORDS.pattern(r"(?:«needs_a_name»)$")
_NO_NAME = WORDS.pattern(
    r"(?:(?:[Gg]ia đình|[Hh]ộ) \w+|[Cc]ông an|[Cc]ảnh sát|CSGT|[Đđ]ối tượng|[Bb]ị cáo|[Bb]ị can|[Nn]ghi phạm"
    r"|[Tt]ang vật|[Tt]hu giữ|[Pp]hạm nhân)$",
    flags=0,
)
_SPOTS = frozenset({"cầu", "hồ", "đường"})
_TOLD = WORDS.pattern(r",?\s(?:dài|rộng|cao|có|với|đạt|được|là|«attributes»)(?!\w)")
_BESIDE = WORDS.pattern(r"(?<!\w)(?:«beside_which»)\s$")
_LENT = re.compile(r"(?:tín dụng|vốn|dư nợ|nợ|vay|hệ thống|các|lãi suất|gửi|tại)\s$", re.IGNORECASE)
_OWN_CLAUSE = WORDS.pattern(r"(?:[;:]|,| và)\s(?:và )?(?!«attributes»|chi phí|chiều|thời)(?:«heads»)(?!\w)")
_CITIES = frozenset(WORDS["central_cities"])


@cache
def _provinces(names: tuple[str, ...]) -> re.Pattern[str]:
    longest = sorted({*names}, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?<!Thái )(?:{'|'.join(map(re.escape, longest))})(?!\w| Dương)")


def subjects(line: str, places: Gazetteer | None) -> list[FigureSubject]:
    """Those a sentence names, from left to right; not those it only compares with."""
    matches = list(_SUBJECT.finditer(line))
    found: list[FigureSubject] = []
    passing = ends = 0
    for match in matches:
        if found and _is_where(line, match, found[-1]):
            continue
        if match["country"] and (firm := _branded(line, match.start(), match[0])):
            found.append(firm)
            continue
        if match["own"] and ends and _OF_IT.fullmatch(line, ends, match.start()):
            continue  # «ngành may của tỉnh»
        ends = 0 if match["own"] else match.end()
        if _is_spot(line, match):  # «quán trên đường Bắc Sơn»: not of the road, nor of who owns the text
            if not found:
                found.append(replace(_subject(match), name=""))
            continue
        if _in_passing(line, match) or (passing and _JOINT.fullmatch(line, passing, match.start())):
            passing = match.end()
        else:
            found.append(_subject(match))
    taken = [(match.start(), _end(match)) for match in matches if not match["own"]]
    found += _named_provinces(line, places, taken, found)
    return sorted(found, key=lambda one: one.start)


def _is_where(line: str, match: re.Match[str], before: FigureSubject) -> bool:
    """Whether a park or commune only says where a company is."""
    place = bool(match["other"] or match["unit"]) and before.kind in ("company", "other")
    return place and bool(_WHERE_IT_IS.search(line, 0, match.start()))


def _is_spot(line: str, match: re.Match[str]) -> bool:
    """Whether a road, bridge or lake inside a sentence says only where something is."""
    is_place = bool(match["single"]) and match[0] in _SPOTS
    return is_place and not (_end(match) > match.end() and _TOLD.match(line, _end(match)))


def _in_passing(line: str, match: re.Match[str]) -> bool:
    """Whether it is compared with, or gives orders and publishes what others reached."""
    if match["single"]:
        return bool(_BESIDE.search(line, 0, match.start()))
    if match["other"] and match[0].lower() == "ngân hàng":
        return bool(_LENT.search(line, 0, match.start()))
    if match["country"] or match["abroad"]:
        return bool(_COMPARED.search(line, 0, match.start()))
    if match["other"] and _MINISTRY.match(match[0]):
        return bool(_ORDERS.match(line, match.end()) or _COMPARED.search(line, 0, match.start()))
    return bool(match["unit"] and match["where"] == _HOME and match[0][0] in "xXpPhH")


def _named_provinces(
    line: str, places: Gazetteer | None, taken: list[tuple[int, int]], found: list[FigureSubject]
) -> Iterator[FigureSubject]:
    for match in _provinces((_HOME, *(places.elsewhere if places else ()))).finditer(line):
        at = match.start()
        if any(start <= at < end or _belongs(line, end, at) for start, end in taken):
            continue
        of_another = any(one.start < at and one.kind not in ("", "province") for one in found)
        compared = _COMPARED.search(line, 0, at) and not _ITS_OWN.match(line, match.end())
        if compared or (of_another and _WHERE_IT_IS.search(line, 0, at)):
            continue
        if firm := _branded(line, at, match[0]):
            yield firm
        elif road := _ROAD.search(line, 0, at):
            yield FigureSubject(road.start(), "other", line[road.start() : match.end()])
        elif not (_GOES_ON.match(line, match.end()) and "Chợ Mới" in line):
            yield FigureSubject(at, "province", match[0], match[0])


def _branded(line: str, at: int, place: str) -> FigureSubject | None:
    """The firm of whose name the place at ``at`` is the end: «Chubb Life Việt Nam», «Đường sắt Hà Nội»."""
    match = _BRANDED.search(line, max(0, at - 40), at)
    if match is None or place[0].islower() or (match["brand"] and match["brand"].split()[-1] in _NO_BRAND):
        return None
    if _OFFICE.search(line, max(0, at - 60), match.end()):
        return None
    return FigureSubject(match.start(), "company", f"{match[0]}{place}")


def _belongs(line: str, end: int, at: int) -> bool:
    """Whether the province at ``at`` is part of what was named until ``end``, or says only whose that is."""
    return bool(_OF_ITS_NAME.fullmatch(line, end, at) or _OF_IT.fullmatch(line, end, at))


def _subject(match: re.Match[str]) -> FigureSubject:
    at = match.start()
    if match["country"]:
        return FigureSubject(at, "country", "Việt Nam", "Việt Nam")
    if match["nobody"]:
        return FigureSubject(at, "", "")
    if match["abroad"]:
        if match[0] in _WORLD:
            return FigureSubject(at, "other", match[0])
        return FigureSubject(at, "country", match[0], match[0])
    if match["company"]:
        return FigureSubject(at, "company", match[0])
    if match["same_firm"]:
        return FigureSubject(at, "company", "")
    if match["unit"]:
        city = match["where"] in _CITIES
        return FigureSubject(at, "province" if city else "unit", match["where" if city else 0], match["where"])
    if match["same_unit"]:
        return FigureSubject(at, "unit", "")
    if match["own"]:
        return FigureSubject(at, "province", "", "")
    return FigureSubject(at, "other", _whole_name(match), noun=_noun(match).lower())


def _noun(match: re.Match[str]) -> str:
    """What a project, place or trade is called before its name: «dự án», «Khu di tích»."""
    return match["noun"] or match[0]


def _end(match: re.Match[str]) -> int:
    """Where the whole name of what is named ends."""
    if not (match["single"] or match["other"]) or not _NEEDS_NAME.match(_noun(match)):
        return match.end()
    noun_ends = match.start() + len(_noun(match))
    goes_on = _NAMED.match(match.string, noun_ends)
    return goes_on.end() if goes_on else noun_ends


def _whole_name(match: re.Match[str]) -> str:
    """«Dự án Chợ Mới - Bắc Kạn»; '' for a bare noun, a verb, people or a name of which the end is not known."""
    if _NO_NAME.match(match[0]):
        return ""
    end = _end(match)
    name = match.string[match.start() : end]
    return "" if _NEEDS_NAME.match(name) else name


def _behind(line: str, found: list[FigureSubject], start: int, end: int) -> FigureSubject | None:
    """Whose the thing counted is by what stands behind it: «98 triệu người ở Việt Nam»."""
    whose = next((one for one in found if one.start >= start), None)
    if whose is None or whose.kind != "country":
        return None
    return whose if whose.start < end or _BEHIND.fullmatch(line, end, whose.start) else None


def nearest(
    found: list[FigureSubject],
    start: int,
    carried: FigureSubject,
    home: FigureSubject,
    line: str = "",
    end: int = 0,
) -> FigureSubject:
    """The subject of the number at ``start``: the last named before it, else the one before the sentence.

    «tỉnh», «công ty này», «toàn xã» are those named last of their kind.
    """
    before = [one for one in found if one.start < start and _is_told(line, one, start)]
    chosen = before[-1] if before else carried
    if line and (behind := _behind(line, found, start, end)) and chosen.kind in ("", "province"):
        return behind
    if chosen.name or not chosen.kind:
        return chosen
    named = (
        one
        for one in (*before[::-1], carried)
        if (one.kind, one.noun) == (chosen.kind, chosen.noun) and one.name
    )
    return next(named, home if chosen.kind == "province" else chosen)


def _is_told(line: str, one: FigureSubject, start: int) -> bool:
    """Whether the number at ``start`` is told of a project or place; not «có cầu X và thu ngân sách 20 tỷ»."""
    may_stand_aside = one.start and one.noun != "ngân hàng" and _NEEDS_NAME.match(one.noun)
    return not (may_stand_aside and _OWN_CLAUSE.search(line, one.start, start))


def held_on(
    line: str, found: list[FigureSubject], carried: FigureSubject, home: FigureSubject, told: int
) -> FigureSubject:
    """Whom the next sentence goes on with: not one that is a part only («trong đó khu vực FDI …»).

    A project or a place named behind the last figure, at ``told``, is not what the text goes on with.
    """
    found = [
        one
        for one in found
        if (one.start < told or not _NEEDS_NAME.match(one.noun)) and (one.name or one.noun not in _SPOTS)
    ]
    part = _PART.search(line)
    end = part.start() if part and part.start() else len(line)
    return replace(nearest(found, end, carried, home), start=0)


def main_subject(text: str, opening: int, places: Gazetteer | None) -> FigureSubject:
    """What a text is about: whom its title names, where it does not name the province, else the province.

    A province named behind the lead only is what the text is about where no other place is named before it.
    """
    title, _, rest = text[:opening].partition("\n")
    lead = rest.partition("\n")[0]
    if _INCIDENT.search(title):
        return NOBODY
    first = _first(title, places)
    if _HOME in title:
        named = first is not None and first.kind in ("company", "unit", "other") and first.start < _AT_THE_HEAD
        return (
            replace(first, start=0)
            if first and (named or first.kind in ("company", "unit"))
            else home_of(title)
        )
    first = first or _first(lead, places)
    if first is None:
        return _told_later(rest, places)
    if first.name == _HOME:
        return home_of(lead)
    return replace(first, start=0)


def home_of(line: str) -> FigureSubject:
    """The province, unless the line names it among others."""
    return NOBODY if _AMONG.search(line) else FigureSubject(0, "province", _HOME, _HOME)


def _told_later(rest: str, places: Gazetteer | None) -> FigureSubject:
    """The province where a text of which title and lead name nobody speaks of it first and of no other."""
    lines = [line for line in rest.splitlines() if _HOME in line or subjects(line, places)]
    named = [one for line in lines for one in subjects(line, places) if one.kind in ("province", "country")]
    own = {one.name for one in named if one.name} == {_HOME}
    return FigureSubject(0, "province", _HOME, _HOME) if own else NOBODY


def _first(line: str, places: Gazetteer | None) -> FigureSubject | None:
    return next((one for one in subjects(line, places) if one.name or one.kind == "other"), None)
