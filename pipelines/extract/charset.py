"""Turn a page's bytes into text: what the bytes prove goes before what headers and tags claim."""

import codecs
import re
import sys

from archive.network.charsets import text_codec

_WIDE_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_HEADER_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w:.-]+)", re.IGNORECASE)
_META_CHARSET = re.compile(
    rb"<(?:meta|\?xml)\b[^>]{0,300}?(?:charset|encoding)\s*=\s*[\"']?\s*([\w:.-]+)", re.IGNORECASE
)
_WEB_NAMES = {"iso-8859-1": "cp1252", "iso8859-1": "cp1252", "latin-1": "cp1252", "ascii": "cp1252"}
_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_REFERENCE = re.compile(r"&#(?:x([0-9a-f]+)|([0-9]+));?", re.IGNORECASE)
_LONGEST_REFERENCE = 9  # digits
_LONGEST_TAG, _MOST_ATTRIBUTES = 20_000, 2_000
_LONG_TAG = re.compile(rf"<[a-z][^<>]{{{_LONGEST_TAG},}}", re.IGNORECASE)
_HALVES = re.compile("[\ud800-\udfff]")
_CONTROLS = bytes([*range(9), 11, 12, *range(14, 32), 127])
_ASCII = bytes(range(128))
_ODD = bytes(byte for byte in range(32) if byte not in b"\t\n\r\f\x1b")
_MAGIC = {
    b"%PDF": "PDF",
    b"PK\x03\x04": "ZIP, Office",
    b"\x89PNG": "PNG",
    b"GIF8": "GIF",
    b"\xff\xd8\xff": "JPEG",
    b"\x1f\x8b": "gzip",
    b"\xd0\xcf\x11\xe0": "Office",
    b"Rar!": "RAR",
    b"ID3": "MP3",
    b"OggS": "Ogg",
    b"\x00\x00\x00\x18ftyp": "MP4",
    b"\x00\x00\x00\x20ftyp": "MP4",
    b"RIFF": "RIFF",
}
# The letters of TCVN 5712 (.VnTime fonts) as they look when read as Latin 1.
_TCVN3 = dict(
    zip(
        "µ¸¶·¹¨»¾¼½Æ©ÇÊÈÉË®ÌÐÎÏÑªÒÕÓÔÖ×ÝØÜÞßãáâä«åèæçé¬êíëìîïóñòô\xadõøö÷ùúýûüþ¡¢§£¤¥¦",
        "àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵĂÂĐÊÔƠƯ",
        strict=True,
    )
)
_TCVN3_TABLE = str.maketrans(_TCVN3)
# behind a letter, or a sign that stands for đ, ô, ơ, â before a small one; the class first is searched fastest
_TCVN3_SIGN = re.compile(r"[µ¸¶·¹¨»¾¼½©®ª«¬\xad](?:(?<=[A-Za-z].)|(?<=[®«¬©])(?=[a-zµ¸¶·¹]))", re.DOTALL)


def decode(body: bytes, content_type: str = "") -> str:
    """The page as text, without NUL and other characters that no page may hold; never raises.

    In order: byte order mark, UTF-16 seen by its zeros, valid UTF-8, the charset that header or tag
    name, Vietnamese Windows.
    """
    text = _decoded(body, content_type)
    odd = len(body.translate(None, _CONTROLS)) < len(body) or "\ufffe" in text or "\uffff" in text
    return clean(text) if odd else text


def clean(text: str) -> str:
    """A text without NUL and its like; half of a letter (a lone surrogate) is the replacement character."""
    return text if text.isascii() and text.isprintable() else _UNWANTED.sub("", _HALVES.sub("\ufffd", text))


def without_odd_references(markup: str) -> str:
    """Markup whose references to no character (``&#xD800;``) are the replacement character; controls go."""
    return _REFERENCE.sub(_referred, markup) if "&#" in markup else markup


def parseable(markup: str) -> str:
    """Markup for the parser of HTML: no odd references, and no tag of so many attributes that it takes minutes.

    libxml2 compares each attribute of a tag with all before it: 300,000 of them take a minute.
    """
    return without_odd_references(_LONG_TAG.sub(_shortened, markup))


def _shortened(tag: re.Match[str]) -> str:
    return tag[0][:_LONGEST_TAG] if len(tag[0].split(None, _MOST_ATTRIBUTES)) > _MOST_ATTRIBUTES else tag[0]


def _referred(found: re.Match[str]) -> str:
    digits = found[1] or found[2]
    if len(digits) > _LONGEST_REFERENCE:
        return "\ufffd"
    code = int(digits, 16 if found[1] else 10)
    if code > sys.maxunicode or code == 0:
        return "\ufffd"
    letter = clean(chr(code))
    return found[0] if letter == chr(code) else letter


def binary_kind(body: bytes) -> str | None:
    """What the bytes are if they are evidently no page (``PDF``, ``binary``), else None."""
    head = body[:4096].lstrip()
    for magic, kind in _MAGIC.items():
        if head.startswith(magic):
            return kind
    if body.startswith(codecs.BOM_UTF8) or wide(body):
        return None
    odd = len(head) - len(head.translate(None, _ODD))
    return "binary" if odd > len(head) * 0.03 else None  # a tenth of random bytes, next to none of a text


def _decoded(body: bytes, content_type: str) -> str:
    if body.startswith(codecs.BOM_UTF8):
        return body[len(codecs.BOM_UTF8) :].decode("utf-8", "replace")
    if name := wide(body):
        return body.decode(name, "replace").removeprefix("\ufeff")
    if (text := _strict(body, "utf-8")) is not None:
        return text
    claimed = [name for name in _claims(body, content_type) if not name.startswith("utf-16")]
    if _nearly_utf8(body, forgiven=20 if "utf-8" in claimed else 0):
        return body.decode("utf-8", "replace")
    for name in claimed:
        if name != "utf-8" and (text := _strict(body, name)) is not None:
            return text
    return body.decode(_guess(body), "replace")


def _strict(body: bytes, name: str) -> str | None:
    """The text if all of it is valid; a last character that was cut off is forgiven."""
    try:
        return codecs.getincrementaldecoder(name)().decode(body)
    except UnicodeDecodeError:
        return None


def _claims(body: bytes, content_type: str) -> list[str]:
    result = _HEADER_CHARSET.findall(content_type)
    result += [name.decode("ascii", "ignore") for name in _META_CHARSET.findall(body[:8192])]
    names: list[str] = []
    for name in result:
        known = text_codec(_WEB_NAMES.get(name.lower(), name))
        if known is not None:
            names.append(_WEB_NAMES.get(known, known))
    return names


def wide(body: bytes) -> str | None:
    """UTF-16 or UTF-32, by a byte order mark or by a zero in every second byte of the tags; None for others."""
    for bom, name in _WIDE_MARKS:
        if body.startswith(bom):
            return name
    head = body[:2048]
    if len(head) < 8 or head.count(0) < len(head) // 4:
        return None
    return "utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be"


def _nearly_utf8(body: bytes, forgiven: int) -> bool:
    """Whether the bytes are UTF-8 but for a few; one that another program left must not cost all letters."""
    wrong = body.decode("utf-8", "replace").count("\ufffd")
    return wrong * 20 < len(body[:100_000].translate(None, _ASCII)) + forgiven


def _guess(body: bytes) -> str:
    """Without a word on it: windows-1258 if its combining marks stand behind vowels, else windows-1252."""
    marks = len(
        re.findall(
            rb"[aeiouyAEIOUY\xe2\xea\xf4\xe3\xf5\xfd][\xcc\xec\xd2\xde\xf2](?![a-z]{0,1}[\xc0-\xff]{2})", body
        )
    )
    return "cp1258" if marks > len(body) / 400 and (b"\xf0" in body or b"\xd0" in body) else "cp1252"


def mended(line: str) -> str:
    """A line typed in TCVN3 fonts (``c«ng nghiÖp``) with its real letters; any other line as it is."""
    signs = len(_TCVN3_SIGN.findall(line))
    if signs < 3 or signs < sum(map(str.isalpha, line)) * 0.03:
        return line
    return tcvn3(line)


def tcvn3(text: str) -> str:
    """A text typed in TCVN3 fonts, with its real letters."""
    return text.translate(_TCVN3_TABLE)
