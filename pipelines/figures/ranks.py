"""Ranks: «đứng thứ 12/63», «xếp hạng 8 cả nước», «nhóm 10 tỉnh dẫn đầu»."""

import re
from collections.abc import Iterator

from pipelines.figures.amounts import WORDS, Mark

_ORDINALS = {"nhất": 1, "nhì": 2}
_ORDINALS |= {
    word: at + 2 for at, word in enumerate(["hai", "ba", "tư", "năm", "sáu", "bảy", "tám", "chín", "mười"])
}
_RANK = re.compile(
    r"\b(?=[đxvlgthĐXVLGTH])(?<!lần )(?:(?P<verb>(?:đứng|xếp|xếp hạng|vươn lên|lên|xuống|giữ|đứng ở|xếp ở)\s"
    r"(?:(?:vị trí|thứ hạng|hạng)\s)?(?:thứ\s)?"
    r"|(?:vị trí|thứ hạng|hạng)\s(?:thứ\s)?)|thứ\s)"
    rf"(?P<no>\d{{1,3}}|(?<=thứ )(?:{'|'.join(_ORDINALS)})\b|(?<=hạng )(?:nhất|nhì)\b)(?:/(?P<of>\d{{1,3}}))?"
    r"(?![\d.,]*\d|[/%]|\s?(?:giờ|tháng|ngày|tỷ|triệu|đồng))",
    re.IGNORECASE,
)
_RANK_ENDS = WORDS.pattern(r"\s*(?:[.,;:)!?”\"»]|$|(?:«after_ranks»)\b)")
_AMONG = re.compile(
    r"\s(?:cả nước|toàn quốc|(?:toàn |cả )?vùng|toàn tỉnh|cả tỉnh|khu vực|thế giới)\b", re.IGNORECASE
)
_OF = re.compile(
    r"^[^.;,]{0,25}?\b(?:trong|trên|/)\s?(?:tổng số |số )?(?P<of>\d{2,3}) "
    r"(?:tỉnh|địa phương|xã|đơn vị|bộ|thành phố|quốc gia|nước)"
)
_TOP = re.compile(
    r"\b(?:(?:nhóm|trong số|trong) (?P<no>\d{1,3}) [^.;:]{0,40}?(?:dẫn đầu|đứng đầu)"
    r"|(?:top|tốp) (?P<top>\d{1,3})\b)",
    re.IGNORECASE,
)
_FIRST = re.compile(r"\b(?P<first>đứng đầu) (?:cả nước|toàn quốc|cả vùng|vùng|khu vực)\b", re.IGNORECASE)


def ranks(line: str) -> Iterator[Mark]:
    """The ranks of a sentence; ``value`` is the place, ``rank_of`` of how many."""
    for match in _RANK.finditer(line):
        if not match["of"] and not _is_rank(match, line):
            continue
        place = _ORDINALS.get(match["no"].lower()) or int(match["no"])
        end, of = _of(line, match)
        if place and (of is None or of >= place):
            yield Mark(match.start(), end, float(place), "hạng", of)
    tops = list(_TOP.finditer(line))
    for match in tops:
        yield Mark(match.start(), match.end(), float(match["no"] or match["top"]), "hạng")
    for match in _FIRST.finditer(line):
        if not any(top.start() < match.end() and match.start() < top.end() for top in tops):
            yield Mark(match.start(), match.end(), 1.0, "hạng")


def _is_rank(match: re.Match[str], line: str) -> bool:
    """«đứng thứ 2», «xếp hạng 8 cả nước», but neither «đứng 2 bên đường» nor «bệnh viện hạng 2»."""
    verb = (match["verb"] or "").lower()
    if match["no"].isdigit() and (not verb or verb.startswith("hạng")) and _AMONG.match(line[match.end() :]):
        return True
    if (
        verb.startswith("hạng")
        and line[match.start() - 1 : match.start()] == "("
        and line[match.end() :][:1] == ")"
    ):
        return True
    if not verb or ("thứ " in verb and "thứ hạng" not in verb):
        return bool(verb)
    if re.match(r"(?:lên|xuống|giữ) \Z", verb):
        return False
    return not verb.startswith("hạng") and bool(_RANK_ENDS.match(line[match.end() :]))


def _of(line: str, match: re.Match[str]) -> tuple[int, int | None]:
    """Where a rank ends, and of how many it is."""
    if match["of"]:
        return match.end(), int(match["of"])
    of = _OF.match(line[match.end() :])
    return (match.end() + of.end(), int(of["of"])) if of else (match.end(), None)
