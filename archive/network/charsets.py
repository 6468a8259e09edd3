"""The text encodings that a page, a list or a file may claim, and no other codec."""

import codecs
from encodings import normalize_encoding
from encodings.aliases import aliases

# The encodings of the web (WHATWG Encoding Standard, 4.2) under Python's names. Python's registry also has
# codecs that unpack, read escapes or take quadratic time: zlib, unicode_escape, punycode.
# fmt: off
_ALLOWED = frozenset([
    "ascii", "utf_8", "utf_8_sig", "utf_16", "utf_16_le", "utf_16_be", "latin_1", "cp866", "cp874", "tis_620",
    "koi8_r", "koi8_u", "mac_roman", "mac_cyrillic", "gb2312", "gbk", "gb18030", "big5", "big5hkscs", "euc_jp",
    "iso2022_jp", "shift_jis", "cp932", "euc_kr", "cp949",
    *(f"iso8859_{part}" for part in (*range(1, 12), *range(13, 17))),
    *(f"cp125{part}" for part in range(9)),
])
# fmt: on
_LONGEST = 40  # characters; no encoding has a longer name


def text_codec(name: str) -> str | None:
    """Python's name of the text encoding that someone claims; None for any other codec and for nonsense.

    A name that is not known is not looked up: Python's registry imports modules by it and keeps each for good.
    """
    if len(name) > _LONGEST or not name.isascii():
        return None
    module = normalize_encoding(name.strip()).lower()
    known = aliases.get(module, module)
    return codecs.lookup(known).name if known in _ALLOWED else None
