"""Lines of a page that are not the story: related links, counters, share buttons, clocks."""

import re

from archive.text import fold, nfc

_LONG = 200  # characters; furniture is shorter

# Patterns are over folded text (no marks, đ -> d, lower case).
_LINKS = "|".join(
    (
        r"xem (?:them|tiep)(?: tin)?",
        r"(?:moi )?xem video",
        r"doc (?:them|tiep)",
        r"tham khao them",
        r"(?:tin|bai|tin bai|bai viet|tin tuc|chu de|su kien) (?:lien quan|cung chuyen muc|cung chu de)",
        r"(?:tin|bai) (?:moi(?: nhat)?|khac|noi bat)",
        r"(?:tin|bai) (?:doc|xem) nhieu(?: nhat)?",
        r"cung chuyen muc",
        r"co the ban quan tam",
    )
)
_TIME = r"(?:[\d:h,/\s|.()+-]|gio|phut|ngay|thang|nam|am|pm|gmt)*\d(?:[\d:h,/\s|.()+-]|gio|phut|am|pm|gmt)*"
_NETWORK = r"(?:facebook|zalo|twitter|x|email|telegram|linkedin|messenger|google news|youtube|tiktok)"
_NETWORKS = rf"{_NETWORK}(?:[\s,|/&]+(?:va )?{_NETWORK})*"
_COUNTED = (
    r"(?:luot (?:xem|doc|thich|chia se)|binh luan|y kien|nguoi (?:thich|xem)|views?|comments?|likes?|shares?)"
)
_NUMBER = r"[\d.,]+\s*(?:k|nghin|trieu)?"
_LINES = "|".join(
    (
        rf"(?:cap nhat|dang|xuat ban)(?: luc| ngay| vao)?\s*:?\s*(?:luc)?{_TIME}",
        rf"(?:thu (?:hai|ba|tu|nam|sau|bay)|chu nhat)[\s,|-]+{_TIME}",
        rf"{_NUMBER}\s*{_COUNTED}",
        rf"{_COUNTED}\W*(?:{_NUMBER})?",
        r"(?:gui|viet|dang|them) (?:binh luan|y kien)(?: cua ban)?",
        r"y kien (?:cua ban|ban doc)",
        rf"chia se(?: (?:bai viet|bai|tin))?(?: (?:nay|len|qua|tren))*(?:\W*{_NETWORKS})?",
        _NETWORKS,
        rf"(?:chia se {_NETWORK}\W*)+",
        r"(?:copy|sao chep)(?: link| lien ket| duong dan)(?: bai viet)?",
        r"in (?:bai|trang)(?: viet| nay)*",
        r"ban in",
        r"luu bai(?: viet)?",
        rf"(?!.*[.!?]$)(?:theo doi|quan tam)\b.{{0,60}}\b{_NETWORK}\b.{{0,40}}",
        r"(?:tu khoa|tags?)\s*:.*",
        r"tu khoa|tags?",
        r"nghe (?:doc )?(?:bai|tin)(?: viet| nay)*",
        r"tai ung dung.{0,60}",
        r"xin cho trong giay lat",
        r"quang cao",
        r"tro (?:ve|len) (?:dau trang|trang chu)",
        r"khong sao chep duoi moi hinh thuc.*",
        r"(?:bao cao|bao) loi(?: bai viet)?",
        r"danh gia(?: bai viet)?\W*[\d.,/]*",
    )
)
_HEADING = re.compile(rf"\W*(?:{_LINKS})\W*$")
_LINK = re.compile(rf"(?:>>|»|➤|►|▶)|\W*(?:{_LINKS})\s*[:>»]")
_LINE = re.compile(rf"\W*(?:{_LINES})\W*$")
_SENTENCE_END = re.compile(r"[.!?…:;”\"»)]\W*$")
_DATELINE = re.compile(r"(?:\([\w .]{2,20}\)|[A-ZĐ]{2,8}(?:\.VN)?)\s*[-–—]+\s*(?=\S)")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")


def plain(line: str) -> str:
    """One line composed, its white space single, without invisible characters."""
    return " ".join(_INVISIBLE.sub("", nfc(line)).split())


def paragraphs(text: str) -> list[str]:
    """The paragraphs a reader came for, in order, without furniture.

    Below a heading such as «Tin liên quan», lines that do not end like a sentence are links.
    """
    kept: list[str] = []
    under_heading = False
    for line in filter(None, map(plain, text.split("\n"))):
        folded = fold(line) if len(line) <= _LONG else ""
        if folded and _HEADING.match(folded):
            under_heading = True
        elif folded and (_LINK.match(folded) or _LINE.match(folded)):
            continue
        elif not under_heading or not folded or _SENTENCE_END.search(line):
            under_heading = False
            kept.append(line)
    return kept


def lead(text: str) -> list[str]:
    """The lead's paragraphs without the outlet's mark before them: «(Dân trí) - », «TTO - »."""
    lines = paragraphs(text)
    return [_DATELINE.sub("", lines[0], count=1), *lines[1:]] if lines else []
