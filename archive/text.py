"""Vietnamese letters made comparable: one form, one tone placement, no marks; words as FTS5 cuts them;
and the one rule for addresses that become links.
"""

import re
import sqlite3
import threading
import unicodedata
from codecs import charmap_build, charmap_decode, charmap_encode
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

_TAG = re.compile(r"<[^>]+>")
_INLINE_TAG = re.compile(r"</?(?:a|b|em|font|i|img|small|span|strong|sub|sup|u)(?:\s[^<>]*+)?>", re.IGNORECASE)
_BLOCK_TAG = re.compile(r"</?(?:br|div|h[1-6]|hr|li|ol|p|ul)(?:[\s/][^<>]*+)?>", re.IGNORECASE)
_MARKUP = re.compile(  # what is not closed goes to the end, as in a browser
    r"<!--.*?(?:-->|\Z)|<(script|style|template)\b.*?(?:</\1\s*>|\Z)|<[^>]+(?:>|\Z)",
    re.IGNORECASE | re.DOTALL,
)
_PLAIN_URL = re.compile(r"[^\s\x00-\x1f\x7f]+")
_OLD_TONES = {"oa": "àáảãạ", "oe": "èéẻẽẹ", "uy": "ỳýỷỹỵ"}
_NEW_TONES = {"oa": "òóỏõọ", "oe": "òóỏõọ", "uy": "ùúủũụ"}


_WRONG_D = re.compile(r"(?<![^\W\d_])[Ðð]")  # no word of Icelandic begins with it


def _cases(old: str, new: str) -> list[tuple[str, str]]:
    first, second = (old, old.upper()), (new, new.upper())
    return [(first[a][0] + first[b][1], second[a][0] + second[b][1]) for a in (0, 1) for b in (0, 1)]


_ONE_PLACE = dict(
    pair
    for vowels, toned in _OLD_TONES.items()
    for old, new in zip(toned, _NEW_TONES[vowels], strict=True)
    for pair in _cases(vowels[0] + old, new + vowels[1])
)
# character classes: four times as fast as an alternation of the forms
_OPEN_SYLLABLE = re.compile(r"(?<![qQ])(?:[oO][àáảãạèéẻẽẹÀÁẢÃẠÈÉẺẼẸ]|[uU][ỳýỷỹỵỲÝỶỸỴ])(?![^\W_])")

_OTHER_PLACE = {new: old for old, new in _ONE_PLACE.items()}
_NEW_SYLLABLE = re.compile(rf"(?<![qQ])(?:{'|'.join(_OTHER_PLACE)})(?![^\W_])")


def composed(text: str) -> str:
    """The text in NFC, its letters as printed: what is stored and shown."""
    return unicodedata.normalize("NFC", text)


def nfc(text: str) -> str:
    """The text to compare: composed; an eth that begins a word is a đ typed wrong, as real texts have it."""
    text = composed(text)
    return _WRONG_D.sub(lambda eth: "đ" if eth[0] == "ð" else "Đ", text) if "ð" in text or "Ð" in text else text


def norm(text: str) -> str:
    """The exact form: composed, tone marks in one placement (hoà -> hòa; quý stays)."""
    return _OPEN_SYLLABLE.sub(lambda match: _ONE_PLACE[match[0]], nfc(text))


def both_placements(name: str) -> tuple[str, ...]:
    """A name with the tone marks of its open syllables in the new place and in the old: hòa, hoà."""
    new = norm(name)
    old = _NEW_SYLLABLE.sub(lambda match: _OTHER_PLACE[match[0]], new)
    return (new,) if old == new else (new, old)


def _bare(letter: str) -> str:
    if letter in "đĐðÐ":
        return "d"
    bare = [c for c in unicodedata.normalize("NFD", letter) if not unicodedata.combining(c)]
    folded = bare[0].lower() if bare else letter
    return folded if len(folded) == 1 else letter


class _Folds(dict[int, int]):
    """Letter to bare letter, filled as letters come; one code point always gives one code point."""

    def __missing__(self, code: int) -> int:
        self[code] = ord(_bare(chr(code)))
        return self[code]


_FOLDS = _Folds()
_MARKED = "àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđ"
_USUAL = "\0\t\n\r\u200b\xa0“”‘’–—…«»•°²³×" + "".join(map(chr, range(32, 127))) + _MARKED + _MARKED.upper()


class _Letters:
    """Each letter of a text as another one: by one table of bytes where the text has usual letters only.

    That takes a sixth of the time of ``str.translate``, which does the rest.
    """

    def __init__(self, each: dict[int, int]) -> None:
        self._each = each

    @cached_property
    def _bytes(self) -> tuple[Any, str]:
        usual = _USUAL.ljust(256, "\ufffe")
        return charmap_build(usual), _USUAL.translate(self._each)

    def of(self, text: str) -> str:
        """The letters of a text as :func:`nfc` gives it; one of usual letters is so already."""
        try:
            return self._by_bytes(text)
        except UnicodeEncodeError:
            text = nfc(text)
        try:
            return self._by_bytes(text)
        except UnicodeEncodeError:
            return text.translate(self._each)

    def _by_bytes(self, text: str) -> str:
        letters, others = self._bytes
        return charmap_decode(charmap_encode(text, "strict", letters)[0], "strict", others)[0]


_FOLDED = _Letters(_FOLDS)


def fold(text: str) -> str:
    """The folded form: no marks, đ -> d, lower case; as many code points as :func:`nfc` gives."""
    return _FOLDED.of(text)


TOKENIZER = "unicode61 remove_diacritics 0"


class _Separators(dict[int, int]):
    """Code points that FTS5's tokenizer does not put into words, to a space; it is asked once for each.

    SQLite's tables are of Unicode 6.1, where later emoji count as letters: Python's would cut elsewhere, but
    for the old blocks of Latin letters, of which Vietnamese texts are made.
    """

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._db = sqlite3.connect(":memory:", check_same_thread=False)
        self._db.execute(f"create virtual table seen using fts5(word, content='', tokenize='{TOKENIZER}')")
        self._db.execute("create virtual table words using fts5vocab(seen, 'row')")

    def __missing__(self, code: int) -> int:
        letter = chr(code)
        in_word = letter.isalnum() if code < 0x250 or 0x1EA0 <= code < 0x1F00 else self._in_word(letter)
        self[code] = code if in_word else ord(" ")
        return self[code]

    def _in_word(self, letter: str) -> bool:
        if letter == "\0" or unicodedata.category(letter) == "Cs":
            return False
        with self._lock:
            self._db.execute("insert into seen (seen) values ('delete-all')")
            self._db.execute("insert into seen (rowid, word) values (1, ?)", ("a" + letter + "a",))
            words = [word for (word,) in self._db.execute("select term from words")]
        return len(words) == 1 and words[0] != "a"


_SEPARATORS = _Separators()
_COMBINING = "".join(map(chr, range(0x300, 0x332)))  # inside a word FTS5 keeps them, before one it drops them


def words(text: str) -> list[str]:
    """The words of a text as FTS5 cuts them, letters as typed (composed): ``52-NQ/TW`` is three."""
    return [word for run in nfc(text).translate(_SEPARATORS).split(" ") if (word := run.lstrip(_COMBINING))]


class _Keys(dict[int, int]):
    """Folded letters, and a space for all that stands between words."""

    def __missing__(self, code: int) -> int:
        separator = _SEPARATORS[code] != code
        self[code] = ord(" ") if separator else _FOLDS[code]
        return self[code]


_KEYS = _Letters(_Keys())


def key(text: str) -> str:
    """The folded words with spaces between them; as many code points as :func:`nfc` gives."""
    return _KEYS.of(text)


_NUMBER = re.compile(r"(?:^| )[0-9][^ ]*")


def pairs(*texts: str) -> set[str]:
    """Each two folded words that stand side by side in a text (``cong_nghe``), those with a number left out.

    Words are cut as FTS5 cuts them: where it finds a phrase of two such words, their pair is here.
    """
    found: set[str] = set()
    for text in texts:
        folded = key(text)
        if not folded.isascii():
            folded = " ".join(run.lstrip(_COMBINING) for run in folded.split())
        for row in _NUMBER.split(folded):
            found.update(map("_".join, pairwise(row.split())))
    return found


@lru_cache(maxsize=16_384)
def marked(word: str) -> bool:
    """Whether a word carries a mark that folding would take away, đ included."""
    return fold(word) != nfc(word).lower()


def without_tags(text: str, instead: str = " ") -> str:
    """A text with each tag replaced; a ``<`` that no ``>`` follows stays.

    The last ``>`` is looked for first: else each ``<`` of a text of nothing else would be followed to its end.
    """
    before, mark, behind = text.rpartition(">")
    return _TAG.sub(instead, before + mark) + behind


def without_html(text: str) -> str:
    """A field's text without the tags of HTML that some sites write into it; what else stands in <> stays."""
    return _BLOCK_TAG.sub(" ", _INLINE_TAG.sub("", text)) if "<" in text else text


def without_markup(page: str) -> str:
    """What a page's source says outside tags, comments and scripts, in one line."""
    return " ".join(_MARKUP.sub(" ", page).split())


def safe_url(url: str | None) -> str | None:
    """The address if it is a plain http(s) one with a host, else None (``javascript:``, ``data:``, broken)."""
    if not url or not _PLAIN_URL.fullmatch(url):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.hostname else None
