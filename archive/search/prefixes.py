"""The words of the search index that begin with some letters, so that ``ch*`` need not be gathered by FTS5.

FTS5 merges the places of all words with that beginning before it gives the first hit: seconds at a million
articles. Asked for each of the words by name, it reads them side by side, newest first.
"""

import re
from pathlib import Path

from sqlite_utils import Database

from archive.db import reading
from archive.text import fold

MOST = 3000  # words; with more, FTS5 gathers them after all
_PREFIX = re.compile(r'(\{title(?:_f)?(?: body(?:_f)?)?\} : )"([^" ]+)" \*')
_LETTERS = re.compile(r"[0-9A-Za-zÀ-įĲ-ɏẠ-ỿ]+")  # of which Python and FTS5 make the same small ones


def spelled_out(db: Database, expression: str) -> str:
    """An FTS5 expression over ``articles_fts`` with single words cut short as the words they stand for.

    A phrase whose last word is cut short is left as it is, and so is everything in an archive without a file.
    """
    if '" *' not in expression:
        return expression
    path = next((file for _, name, file in db.execute("pragma database_list") if name == "main"), "")
    if not path:
        return expression
    with reading(Path(path)) as vocabulary:
        vocabulary.execute("create virtual table temp.words using fts5vocab(main, articles_fts, instance)")
        return _PREFIX.sub(lambda match: _any_of(vocabulary, match), expression)


def _any_of(vocabulary: Database, match: re.Match[str]) -> str:
    columns, prefix = match[1], match[2].lower()
    if not _LETTERS.fullmatch(prefix):
        return match[0]
    words = _beginning_with(vocabulary, prefix)
    if "_f" in columns:
        words = [word for word in words if fold(word) == word]
    if not words or len(words) > MOST:
        return match[0]
    return columns + "(" + " OR ".join(f'"{word}"' for word in words) + ")"


def _beginning_with(vocabulary: Database, prefix: str) -> list[str]:
    """At most ``MOST + 1`` words in turn; ``instance`` is the one form of fts5vocab that counts nothing."""
    sql = "select term from words where term >= ? and term <= ? limit 1"
    words: list[str] = []
    at, end = prefix, prefix + "\U0010ffff"
    while len(words) <= MOST and (row := vocabulary.execute(sql, (at, end)).fetchone()):
        words.append(row[0])
        at = row[0] + "\x01"  # no word holds a control character
    return words
