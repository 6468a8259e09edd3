"""Vietnamese letters made comparable: one normal form, one tone placement, and a form without marks."""

import re
import unicodedata

_LOOKALIKES = str.maketrans({"Ð": "Đ", "ð": "đ"})  # Icelandic eth, mixed up with đ in real texts
_TONED = {
    "oà": "òa", "oá": "óa", "oả": "ỏa", "oã": "õa", "oạ": "ọa",
    "oè": "òe", "oé": "óe", "oẻ": "ỏe", "oẽ": "õe", "oẹ": "ọe",
    "uỳ": "ùy", "uý": "úy", "uỷ": "ủy", "uỹ": "ũy", "uỵ": "ụy",
}  # fmt: skip
_ONE_PLACE = {
    form: to
    for old, new in _TONED.items()
    for form, to in ((old, new), (old.upper(), new.upper()), (old.capitalize(), new.capitalize()))
}
_OPEN_SYLLABLE = re.compile(rf"(?<![qQ])(?:{'|'.join(_ONE_PLACE)})(?!\w)")


def nfc(text: str) -> str:
    """The text composed, with eth read as đ."""
    return unicodedata.normalize("NFC", text).translate(_LOOKALIKES)


def norm(text: str) -> str:
    """The exact form: composed, tone marks in one placement (hoà -> hòa; quý stays)."""
    return _OPEN_SYLLABLE.sub(lambda found: _ONE_PLACE[found[0]], nfc(text))


class _Folds(dict[int, int]):
    """Letter to bare letter, filled as letters come; one code point always gives one code point."""

    def __missing__(self, code: int) -> int:
        letter = chr(code)
        bare = [c for c in unicodedata.normalize("NFD", letter) if not unicodedata.combining(c)]
        folded = bare[0].lower() if bare else letter
        self[code] = ord("d") if letter in "đĐ" else ord(folded) if len(folded) == 1 else code
        return self[code]


_FOLDS = _Folds()


def fold(text: str) -> str:
    """The folded form: no marks, đ -> d, lower case; as many code points as :func:`nfc` gives."""
    return nfc(text).translate(_FOLDS)
