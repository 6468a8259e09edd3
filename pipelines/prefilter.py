"""The first stage: whether the raw bytes of a page can name the province, before anything is parsed."""

import html
import re

from archive.model import Outcome
from archive.reasons import reason
from pipelines.extract import charset
from pipelines.item import Context, Item, Reject

_ANCHOR = b"nguy"  # in «Nguyên» these four letters are ASCII in every charset and escape
_SHORT = (b"tisco", b"sevt")  # employers that stand for the province (`home` in places.yml)
_LETTER_ESCAPED = re.compile(
    rb"&#(?:x[4-7]|0*(?:6[5-9]|[7-9]\d|1[01]\d|12[0-2]);)"
)  # even its ASCII letters as numbers
_BEFORE = 300  # bytes, enough for mark-up between the two words


def _any_of(*forms: str) -> bytes:
    return b"(?:" + b"|".join(re.escape(form.encode("latin-1")) for form in forms) + b")"


# One letter, lower-cased: UTF-8 composed and decomposed, entities, JSON escapes, windows-1258.
_A = _any_of(
    "a", "\xc3\xa1", "\xc3\x81", "a\xcc\x81", "\xe1", "\xc1", "a\xec", "&aacute;", "&#225;", "&#193;",
    "&#xe1;", "&#xc1;",
    "a&#769;", "a&#x301;", "\\u00e1", "\\u00c1", "a\\u0301",
)  # fmt: skip
_E = _any_of(
    "e", "\xc3\xaa", "\xc3\x8a", "e\xcc\x82", "\xea", "\xca", "&ecirc;", "&#234;", "&#202;", "&#xea;", "&#xca;",
    "e&#770;", "e&#x302;", "\\u00ea", "\\u00ca", "e\\u0302",
)  # fmt: skip
_THAI = re.compile(rb"th" + _A + rb"i(?:<[^<>]*>|&[a-z0-9#]{2,8};|\\u[0-9a-f]{4}|\\[nrt]|[^a-z0-9<&\\]|\\)*\Z")
_EN = re.compile(_E + rb"n")


def prefilter(item: Item, context: Context) -> None:
    """Raise Reject(IRRELEVANT) where no article read from the page could be kept.

    Only for sources that keep relevant stories alone; the province's own papers may leave it unnamed, and
    ``read_whole`` pages are read whatever they name, so that health sees a changed template.
    """
    if item.page is None or item.keep == "all" or item.read_whole:
        return
    if item.article.source in context.places.papers or raw_names(item.page.body):
        return
    item.prefiltered = True
    raise Reject(Outcome.IRRELEVANT, reason("province_not_on_page"))


def raw_names(page: bytes) -> bool:
    """Whether a page may name the province; False only where no article read from it could be kept as relevant.

    It looks for «Thái Nguyên» with any marks, case, charset, escape and mark-up, and for the few employers that
    stand for the province. It says yes too often (a menu of provinces is enough), never too seldom.
    """
    low = _comparable(page)
    return any(short in low for short in _SHORT) or _names_province(low)


def _comparable(page: bytes) -> bytes:
    if wide := charset.wide(page):
        page = page.decode(wide, "replace").encode("utf-8")
    low = page.lower()
    if _LETTER_ESCAPED.search(low):
        low = html.unescape(low.decode("utf-8", "surrogateescape")).lower().encode("utf-8", "surrogateescape")
    return low


def _names_province(low: bytes) -> bool:
    at = low.find(_ANCHOR)
    while at >= 0:
        end = at + len(_ANCHOR)
        if _EN.match(low, end) and _THAI.search(low[max(0, at - _BEFORE) : at]):
            return True
        at = low.find(_ANCHOR, end)
    return False
