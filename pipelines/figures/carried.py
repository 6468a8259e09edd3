"""Names that go on from the number before: «…, tăng 12%», «bằng 84% kế hoạch», «…, phôi 378.000 tấn»."""

import re
from dataclasses import dataclass, replace

from archive.figures.indicators import Indicators
from pipelines.figures.amounts import WORDS, Mark
from pipelines.figures.phrase import NAMELESS, Clause, Name, is_plain, known_as, lowered, phrase, stripped

_BASE = WORDS.pattern(
    r"\s*(?:so với |của |trên )?(?P<base>(?:tổng )?(?:«compared»)(?!\w)(?:\s(?!«after_base»)[^\W\d]+){0,6})"
)
_PLAN = re.compile(r"kế hoạch|dự toán|chỉ tiêu|mục tiêu|nghị quyết|cùng k", re.IGNORECASE)
_PIECE = re.compile(r"[,;:]\s|\s[–-]\s")
_NOTHING = WORDS.pattern(
    r"(?:\s*(?<!\w)(?:«verbs»|«qualifiers»|«leading»|«compared»|so với|tương ứng|tương đương|tức|bình quân"
    r"|trước|ngoái|cùng|giai đoạn)(?!\w),?)*\s*"
)
_PART = re.compile(
    r"\b(?:trong đó|bao gồm|gồm(?: có)?|riêng(?! (?:tháng|quý|năm|trong|ngày|\d))|trong số (?:này|đó))\b",
    re.IGNORECASE,
)
_RATIO = re.compile(r"(?:đạt|bằng|chiếm|tương ứng|tương đương|tức|hoàn thành|vượt|)$")
_AVERAGE = re.compile(r"\bbình quân\b", re.IGNORECASE)
_SET_APART = re.compile(r"\s(?:bình quân|trung bình|cao nhất|thấp nhất)$")
_NET = re.compile(r"\b[3-6]G\b")
_RATED = WORDS.pattern(r"^(?:«rated»)(?!\w)")
_FOLLOWS = re.compile(
    r"\s*(?:$|[,;.:)]|(?:và|của|trong|tổng|trên|so|cao|thấp|với|số|năm|vào|theo|ở|tại|đến|sau|nhờ|do|GRDP|khi|như|là|để)(?!\w))"
)
_NO_SUM = re.compile(r"^(?:tổng số|tổng|số lượng|số)\s+", re.IGNORECASE)
_MONEY = re.compile(r"(?:đồng|USD|EUR)\b")
_PROPER = re.compile(
    r"[A-ZĐ]\w*(?: [A-ZĐÁÀẢÃẠĂẮẰẲẴẶÂẤẦẨẪẬÉÈẺẼẸÊẾỀỂỄỆÍÌỈĨỊÓÒỎÕỌÔỐỒỔỖỘƠỚỜỞỠỢÚÙỦŨỤƯỨỪỬỮỰÝỲỶỸỴ]\w*)*"
)
_VERB = re.compile(
    r"\b(?:chi|(?<!vốn )đầu tư|rót|phạt|vay|nộp|bán|mua|mỗi|nhận|trả|dành|ủng hộ|gây|làm)\b", re.IGNORECASE
)
_NAMED = re.compile(r"\s[A-ZĐ]\w*[a-zà-ỹ]")
_PARALLEL = WORDS.pattern(r"^(?P<head>«parallel»)\s+(?P<of>\S.*)")
_THIS = re.compile(r"(?:.*\s)?(?:con số|tỷ lệ|tỉ lệ|mức|chỉ số|giá trị|kết quả) (?:này|trên|đó)", re.IGNORECASE)
_AGAIN = re.compile(
    r"(?:[^,;]{0,40}, )?(?:con số|tỷ lệ|tỉ lệ|mức|chỉ số|giá trị|kết quả) (?:này|trên|đó)\b"
    r"|So với (?:cùng kỳ|năm \d{4}|năm trước)[^,;\d]{0,20}(?:\d{4})?,? (?:tỉnh )?(?:đã )?(?:tăng|giảm)\b",
    re.IGNORECASE,
)
_IN_MONEY = re.compile(r"\s*về (?:số|giá|trị|kim|doanh|lượng|mức|quy mô|chi)", re.IGNORECASE)
_TOPIC = re.compile(r"^(?P<topic>[^:\d]{3,60}(?:\d{4})?)\s*:")
_SHARES = re.compile(r"\bcơ cấu\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class NamedAt:
    """Where a number stands: its clause, the number before and the name of that."""

    line: str
    mark: Mark
    before: int
    last: Name
    clause: Clause
    known: Indicators | None

    @property
    def part(self) -> bool:
        """Whether the number is said of a part of what the sentence is about: «trong đó»."""
        return self.before > 0 and bool(_PART.search(self.line, 0, self.mark.start))

    @property
    def own(self) -> bool:
        """Whether the clause names something itself."""
        return bool(self.clause.words)


def against(at: NamedAt) -> Name | None:
    """«thu nội địa so với dự toán»: what is told as a share of a plan, of last year's or of a whole."""
    base = _BASE.match(at.line, at.mark.end)
    if not base or at.mark.unit not in {"%", "lần"} or not (noun := _noun(at)):
        return None
    if at.clause.change and not (at.mark.unit == "lần" or at.clause.link.startswith("vượt")):
        return None
    compared = base["base"].strip()
    if not _PLAN.match(compared) and not _is_ratio(at, compared):
        return None
    if compared.startswith("cùng k") and not (at.mark.unit == "lần" or at.clause.link == "bằng"):
        return None
    if at.own and (of_plan := _of_plan(at)):
        return of_plan
    if not _PLAN.match(compared) and (share := known_as(noun, "chiếm", "%", at.known)):
        return share
    if "vượt" in at.clause.link:
        return _made(at, f"mức vượt {compared} {lowered(noun)}", noun)
    return _made(at, f"{noun} so với {compared}", noun)


def _is_ratio(at: NamedAt, base: str) -> bool:
    """Whether a sum is told as a share of another: «…, đạt 74% dân số»; not «…; 98% dân số có thẻ»."""
    if at.mark.unit == "lần":
        return True
    joined = at.clause.link or base.lower().startswith(("tổng", "grdp"))
    return bool(joined) and (at.own or at.last.unit != "%")


def _of_plan(at: NamedAt) -> Name | None:
    """An indicator that is itself a share of the plan: public investment disbursed."""
    found = known_as(at.clause.words, at.clause.link, at.mark.unit, at.known)
    of_plan = found and at.known and at.known.known[found.key].of_plan
    return found if of_plan and "vượt" not in at.clause.link else None


def _noun(at: NamedAt) -> str:
    """What is compared: what the clause names, else what the number before was of."""
    if at.own:
        return phrase(at.clause.words)
    return at.last.noun if at.before and nothing_between(at) else ""


def _made(at: NamedAt, words: str, noun: str) -> Name:
    unit = at.last.unit if not at.own else ""
    return Name("", words, noun, unit, at.last.link)


def nothing_between(at: NamedAt) -> bool:
    """Whether nothing else is named between the number before and this one."""
    pieces = _PIECE.split(at.line[at.before : at.mark.start])
    between = pieces[1:-1] + ([pieces[-1].split("(")[0]] if len(pieces) > 1 and "(" in pieces[-1] else [])
    return all(_NOTHING.fullmatch(stripped(piece)) for piece in between) and (
        at.clause.goes_on or not at.clause.words
    )


def goes_on(at: NamedAt) -> Name | None:
    """«…, tăng 12%», «…, đạt 90%», «năm 2024 là 22 tỷ USD»: of what the number before was."""
    last = at.last
    if at.own or not at.before or not last.noun or not nothing_between(at):
        return None
    if _IN_MONEY.match(at.line, at.mark.end):  # «3 triệu lượt, tăng 8,8% về số tiền» is no growth of them
        return NAMELESS
    if at.mark.unit == "bậc":
        return _places(at)
    if at.mark.unit == "hạng":  # «GRDP tăng 8%, đứng thứ 5»: of the growth, «thu ngân sách tăng 8%» of the sum
        grown = bool(last.key) and last.unit.startswith("%")
        return changed(last.words if grown else last.noun, "", at.mark, at.known)
    if _same(at.mark.unit, last.unit) and not at.clause.change:
        return _level(at)
    if at.clause.change:
        return changed(last.noun, at.clause.change, at.mark, at.known, last.unit)
    return _average(at) or _share(at)


def _places(at: NamedAt) -> Name:
    """How many places an index rose or fell."""
    way = at.clause.change.removeprefix("mức ") or "thay đổi"
    return Name("", f"số bậc {way} về {lowered(at.last.noun)}", at.last.noun, at.last.unit)


def _average(at: NamedAt) -> Name | None:
    """«doanh thu 38,4 tỷ đồng, bình quân 800 triệu đồng/ha»."""
    if not _AVERAGE.search(at.line, at.before, at.mark.start) or not at.mark.unit.startswith(
        f"{at.last.unit}/"
    ):
        return None
    words = f"{at.last.noun} bình quân"
    return Name("", words, words, at.mark.unit)


def extreme(at: NamedAt) -> Name | None:
    """«mức thưởng bình quân 8,4 triệu đồng, cao nhất 382 triệu đồng»."""
    last, words = at.last, at.clause.words.lower()
    if (
        words not in {"cao nhất", "thấp nhất", "trung bình", "nhiều nhất", "ít nhất"}
        or at.mark.unit != last.unit
    ):
        return None
    noun = _SET_APART.sub("", last.noun)
    return Name("", f"{noun} {words}", noun, last.unit) if noun else None


def contributed(at: NamedAt) -> Name | None:
    """«…, đóng góp 4,31 điểm phần trăm vào mức tăng chung»."""
    noun = phrase(at.clause.words, "mức tăng") if at.own else at.last.noun if nothing_between(at) else ""
    if not noun or not at.clause.link.startswith("đóng góp") or not at.mark.unit.endswith(("%", "phần trăm")):
        return None
    return Name("", f"mức đóng góp của {lowered(noun)}", noun, at.last.unit)


def covered(at: NamedAt) -> Name | None:
    """«5G phủ 65% dân số»."""
    if at.mark.unit != "%" or not at.clause.link.startswith("phủ"):
        return None
    words = at.clause.words
    if not at.own and (net := _NET.search(at.last.noun)):
        words = net[0]
    if not words or not is_plain(_NET.sub("", words) or "mạng"):
        return None
    told = f"tỷ lệ phủ {words}"
    return known_as(told, "", "%", at.known) or Name("", told, told, "%")


def rated(at: NamedAt) -> Name | None:
    """«giải quyết đúng hạn 98,7%»: a share that is told without the word."""
    words = at.clause.words
    if at.mark.unit != "%" or at.clause.change or not _RATED.match(words) or len(words.split()) < 2:
        return None
    told = f"tỷ lệ {lowered(words)}"
    if not is_plain(told):
        return None
    return known_as(told, "", "%", at.known) or Name("", told, told, "%")


def _same(unit: str, other: str) -> bool:
    """Whether two units measure one thing: the same, or money of two countries."""
    return unit == other or bool(_MONEY.match(unit) and _MONEY.match(other))


def _level(at: NamedAt) -> Name:
    if at.part or at.clause.link.startswith("đóng góp"):
        return NAMELESS
    if at.mark.unit == "%" and not _FOLLOWS.match(at.line, at.mark.end):
        return NAMELESS
    return replace(
        changed(at.last.noun.removesuffix(" ban đầu"), "", at.mark, at.known, at.last.unit), link=at.last.link
    )


def _share(at: NamedAt) -> Name | None:
    """«804.000 hồ sơ trực tuyến (67%)», «nợ xấu 1.840 tỷ đồng, chiếm 1,28%»."""
    last = at.last
    if at.mark.unit != "%" or last.unit in {"%", ""} or not _RATIO.match(at.clause.link):
        return None
    if len(last.noun.split()) < 2 or last.noun in {last.unit, "kim ngạch"} or "vượt" in at.clause.link:
        return None
    if not _FOLLOWS.match(at.line, at.mark.end):
        return None
    if found := known_as(last.noun, "chiếm", "%", at.known):
        return found
    kind = "tỷ trọng" if at.clause.link.startswith("chiếm") else "tỷ lệ"
    return Name("", f"{kind} {lowered(_NO_SUM.sub('', last.noun))}", last.noun, last.unit)


def listed(at: NamedAt) -> Name | None:
    """«Sản lượng thép cán …, phôi 378.000 tấn»; «trong đó hải quan …» is a part of the whole before."""
    words, last = at.clause.words, at.last
    if (
        at.clause.change
        or at.clause.level
        or not last.noun
        or at.mark.unit != last.unit
        or at.mark.unit in {"km", "m", "m2"}
        or len(words.split()) > 9
    ):
        return None
    if not is_plain(words.replace("có vốn", "vốn")) or _VERB.search(words) or not _in_list(at):
        return None
    if _PART.search(at.line, at.before, at.mark.start) or last.whole:
        whole = last.whole or last.noun
        told = f"{whole}: {words}"
        return Name("", told, told, last.unit, whole=whole)
    if _PROPER.fullmatch(words):
        return None if last.key or _NAMED.search(last.noun) else _beside(last.noun, at)
    if last.link.startswith("chiếm"):
        return known_as(words, "chiếm", "%", at.known) or _beside(f"tỷ trọng {lowered(words)}", at)
    return _parallel(words, at)


def _in_list(at: NamedAt) -> bool:
    pieces = _PIECE.split(at.line[at.before : at.mark.start])
    return 2 <= len(pieces) <= 3 and not at.line[at.before : at.mark.start].strip().startswith(":")


def _parallel(words: str, at: NamedAt) -> Name | None:
    match = _PARALLEL.match(at.last.noun)
    if not match or words[0].isupper():
        return None
    again = re.search(rf"(?<!\w){re.escape(words.split()[0])}(?!\w)", match["of"])
    kept = match["of"][: again.start()] if again else ""
    return _beside(f"{match['head']} {kept}{words}", at)


def _beside(words: str, at: NamedAt) -> Name:
    found = known_as(words, "", at.mark.unit, at.known)
    return found or Name("", words, words, at.last.unit, at.last.link)


def changed(noun: str, change: str, mark: Mark, known: Indicators | None, unit: str = "") -> Name:
    """The name of a noun, or of its change; with its key where this is a value of an indicator."""
    if found := known_as(noun, "", mark.unit, known, change):
        return found
    if not change or noun.lower().startswith(("mức tăng", "mức giảm", "tốc độ ", "tăng trưởng")):
        return Name("", noun, noun, unit or mark.unit)
    return Name("", f"{change} {lowered(noun)}", noun, unit or "")


def headed(at: NamedAt) -> Name | None:
    """«PII 2026: Thái Nguyên thứ 8/34», «Cơ cấu: dịch vụ 32,5%»: of what the line's head names."""
    if at.own:
        shares = at.mark.unit == "%" and not at.clause.change and _SHARES.search(at.line, 0, at.mark.start)
        return known_as(at.clause.words, "chiếm", "%", at.known) if shares else None
    topic = _TOPIC.match(at.line)
    if at.before or not topic or not _NOTHING.fullmatch(stripped(at.line[topic.end() : at.mark.start])):
        return None
    return known_as(stripped(topic["topic"]), "", at.mark.unit, at.known, at.clause.change)


def index_named(at: NamedAt) -> Name | None:
    """«… công bố chỉ số chuyển đổi số; tỉnh đạt 0,78 điểm»: the one index that the sentence names."""
    if at.mark.unit not in {"điểm", "hạng"} or at.own or at.known is None:
        return None
    keys = {one.key: one for one in at.known.find(at.line[: at.mark.start], "hạng")}
    if len(keys) != 1 or at.mark.unit not in at.known.known[next(iter(keys))].units:
        return None
    key = next(iter(keys))
    told = at.known.known[key].name
    if at.clause.change:  # «tăng 1,27 điểm» is no value of the index
        return Name("", f"{at.clause.change} {lowered(told)}", told)
    return Name(key, told, told, at.mark.unit)


def spoken_of(line: str, first: Name) -> Name:
    """What a sentence goes on with: «con số này là …», «So với cùng kỳ tăng 20%» tell of the one before."""
    return replace(first, seen=(), link="", whole="") if _AGAIN.match(line) else NAMELESS


def again(at: NamedAt) -> Name | None:
    """The first figure of a sentence that goes on with what the one before told."""
    last = at.last
    words = at.clause.words
    if at.before or not last.noun or not (_THIS.fullmatch(words) or _NOTHING.fullmatch(words)):
        return None
    if at.mark.unit == "bậc":
        return _places(at)
    if at.clause.change:
        return changed(last.noun, at.clause.change, at.mark, at.known, last.unit)
    return changed(last.noun, "", at.mark, at.known, last.unit) if _same(at.mark.unit, last.unit) else None
