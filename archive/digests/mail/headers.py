"""Header lines of a mail: ASCII alone, short lines, and every letter and space of the text in them (RFC 2047).

The standard library's own folding loses the space between two encoded words and folds addresses of the web.
"""

import re
import unicodedata
from base64 import b64encode
from collections.abc import Iterator, Sequence

from archive.digests.mail.addresses import MailAddress, plain_text

LINE = 76  # a line with an encoded word in it holds no more
_WORD = LINE - 1  # nor does an encoded word, and a space stands before it
_FOLD = "\r\n "
_MARKS = 4  # so many marks stay with their letter; some texts pile up more
_PLAIN = re.compile(r"[ -~]*")
_PHRASE = re.compile(r"[\w!#$%&'*+/=?^`{|}~ -]*", re.ASCII)
_Q_SAFE = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")


def text_line(name: str, text: str) -> str:
    """A header that is text for people, as a subject is."""
    return f"{name}: {_words(plain_text(text), LINE - len(name) - 2)}\r\n"


def address_line(name: str, addresses: Sequence[MailAddress]) -> str:
    """A header that holds addresses with their names."""
    return f"{name}: {f',{_FOLD}'.join(_named(one.name, one.address, len(name)) for one in addresses)}\r\n"


def list_line(title: str, identity: str) -> str:
    """The List-Id: a title for people and a name for programs, which stays (RFC 2919)."""
    return f"List-Id: {_named(title, identity, len('List-Id'), always=True)}\r\n"


def plain_line(name: str, value: str) -> str:
    """A header whose value is for programs: it stands on one line, as it is."""
    if not _PLAIN.fullmatch(value):
        raise ValueError(f"{name} is not plain")
    return f"{name}: {value}\r\n"


def _named(name: str, address: str, indent: int, *, always: bool = False) -> str:
    if not name:
        return f"<{address}>" if always else address
    phrase = _phrase(plain_text(name), LINE - indent - 2)
    line = indent + 2 + len(phrase) if _FOLD not in phrase else len(phrase) - phrase.rindex(_FOLD)
    return f"{phrase}{' ' if line + len(address) + 3 <= LINE else _FOLD}<{address}>"


def _phrase(name: str, room: int) -> str:
    if len(name) + 2 > room or "=?" in name or not _PLAIN.fullmatch(name):
        return _FOLD.join(_encoded(name, room))
    if _PHRASE.fullmatch(name):
        return name
    return '"' + re.sub(r'(["\\])', r"\\\1", name) + '"'


def _words(text: str, room: int) -> str:
    if _PLAIN.fullmatch(text) and "=?" not in text and len(text) <= room:
        return text
    return _FOLD.join(_encoded(text, room))


def _encoded(text: str, room: int) -> Iterator[str]:
    """The text as encoded words: readers drop what stands between two, so every space is inside of one."""
    part = ""
    for letter in _letters(text):
        if part and len(_word(part + letter)) > min(room, _WORD):
            yield _word(part)
            part, room = "", _WORD
        part += letter
    yield _word(part)


def _letters(text: str) -> Iterator[str]:
    """The letters with the marks that belong to them, which stand apart in decomposed text."""
    letter = ""
    for one in text:
        if letter and (not unicodedata.combining(one) or len(letter) > _MARKS):
            yield letter
            letter = ""
        letter += one
    if letter:
        yield letter


def _word(text: str) -> str:
    """One encoded word, in the shorter of the two encodings."""
    data = text.encode()
    quoted = "".join(chr(b) if b in _Q_SAFE else "_" if b == 0x20 else f"={b:02X}" for b in data)
    base = b64encode(data).decode()
    return f"=?utf-8?q?{quoted}?=" if len(quoted) <= len(base) else f"=?utf-8?b?{base}?="
