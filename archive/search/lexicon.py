"""What stands together, learned from the archive's own texts, and kept for those who read queries.

Neighbours that occur together far more often than by chance become one word; then neighbouring words do, as
long as they are found: «chuyển» «đổi» «số», «chuyển đổi» «số», «chuyển đổi số». A name is joined only with a
name: «thủ tướng» «Lê Minh Hưng» stay two, however often the one stands before the other.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from time import monotonic

from sqlite_utils import Database

from archive.db import reading, writing
from archive.places.gazetteer import Gazetteer
from archive.query.lexicon import LONGEST, Lexicon, starting
from archive.text import fold, marked, norm
from archive.text import words as words_of

TEXTS = 6000  # the newest articles that are read
_CHARACTERS = 800  # of title, lead and body, each time
_FEWEST = 8  # times that words must stand together
_COMMON = 100  # times that a syllable must occur before its share without marks means something
_ROUNDS = 3
_LEAST, _WITH_PARTICLE, _NEVER = 3, 5, 99  # what a word must gain over its syllables alone
# How closely neighbours must belong together, from 0 (by chance) to 1 (never apart)
_SYLLABLES, _WORD, _WORDS, _NAMES = 0.15, 0.5, 0.75, 0.4
_RUN = re.compile(r"[^\W_]+(?: [^\W_]+)*")
_NUMBER = "#"
_NAME = "^"  # before a word written with a capital that is not owed to the begin of a sentence

_PHRASE = re.compile(r'"([^\W\d_]+(?: [^\W\d_]+)+)"')
_LEARNED = ""  # the entry that says when
_DAY = 24 * 3600
_ANEW = 900.0  # seconds after which a process reads the lexicon again
_READ: dict[Path, tuple[float, Lexicon]] = {}

Row = list[str]
Pair = tuple[str, str]


def learn(texts: Iterable[str], fewest: int = _FEWEST) -> dict[str, int]:
    """The entries of a lexicon for what occurs at least ``fewest`` times; see :class:`Lexicon`."""
    rows = [row for text in texts for row in _rows(text)]
    for at in range(_ROUNDS):
        rows = _joined(rows, fewest, first=at == 0)
    counts = Counter(map(_low, (word for row in rows for word in row)))
    whole = sum(counts.values())
    gains = {
        word: round(
            math.log(count / whole) - sum(math.log(max(counts[one], 5) / whole) for one in word.split(" "))
        )
        for word, count in counts.items()
        if " " in word and count >= fewest
    }
    return _shares(counts) | {word: gain for word, gain in gains.items() if gain >= _least(word)}


def relearn(db: Database, now: datetime) -> int:
    """Learn from the newest articles anew; how many words and syllables are known from them.

    Reads up to 6,000 articles, which takes some ten seconds; the write lock is held for the end alone.
    """
    whole = "title || char(10) || lead || char(10) || body"
    newest = f"select substr({whole}, 1, ?) from articles order by sort desc limit ?"
    learned = learn(text for (text,) in db.execute(newest, [_CHARACTERS, TEXTS]))
    known = starting()
    entries = [one for one in learned.items() if " " not in one[0] or not known.entries(fold(one[0]))]
    with writing(db):
        db.execute("delete from lexicon")
        db.conn.executemany("insert into lexicon values (?, ?)", [*entries, (_LEARNED, int(now.timestamp()))])
    return len(entries)


def outdated(db: Database, now: datetime) -> bool:
    """Whether words were not learned for a day."""
    row = db.execute("select weight from lexicon where words = ?", [_LEARNED]).fetchone()
    return row is None or now.timestamp() - row[0] >= _DAY


def load_lexicon(db: Database, places: Gazetteer) -> Lexicon:
    """The starting counts, what the archive taught, names of places and organisations, phrases of topics."""
    names = [name for place in places.places for name in (place.name, *place.also)]
    queries = db.execute("select query from topics where query is not null")
    phrases = [phrase for (query,) in queries for phrase in _PHRASE.findall(query)]
    there = db.table("lexicon").exists()  # not in an archive that only an older release has opened
    learned = db.execute("select words, weight from lexicon where words <> ''") if there else ()
    return Lexicon(learned, [*names, *places.elsewhere, *phrases])


def lexicon_of(archive_db: Path, places: Gazetteer) -> Lexicon:
    """The lexicon of an archive's file, read anew now and then; where there is none yet the starting one."""
    if (lexicon := _fresh(archive_db)) is not None or not archive_db.exists():
        return lexicon or starting()
    with reading(archive_db) as db:
        if not db.table("topics").exists():  # another process is making it
            return starting()
        return _remembered(archive_db, load_lexicon(db, places))


def lexicon_for(db: Database, places: Gazetteer) -> Lexicon:
    """The same of an open archive."""
    path = Path(next((file for _, name, file in db.execute("pragma database_list") if name == "main"), ""))
    return _fresh(path) or _remembered(path, load_lexicon(db, places))


def _fresh(path: Path) -> Lexicon | None:
    read, lexicon = _READ.get(path, (0.0, None))
    return lexicon if read and monotonic() - read < _ANEW else None


def _remembered(path: Path, lexicon: Lexicon) -> Lexicon:
    _READ[path] = monotonic(), lexicon
    return lexicon


def _rows(text: str) -> Iterator[Row]:
    """Runs of words that nothing but blanks stands between, in small letters, names and numbers as such."""
    text = norm(text)
    for match in _RUN.finditer(text):
        before = text[max(0, match.start() - 2) : match.start()].strip(" ")
        begins = not before or before[-1] in '.!?:…"“”‘’\n-–'
        words = match[0].split(" ")
        row = [_NUMBER if word[0].isdigit() else _NAME * word[0].isupper() + word.lower() for word in words]
        if begins and row[0][0] == _NAME and not (len(row) > 1 and row[1][0] == _NAME):
            row[0] = row[0][1:]
        yield row


def _low(word: str) -> str:
    return word[1:] if word[0] == _NAME else word


def _least(word: str) -> int:
    """What a word must gain: more with a particle in it, out of reach where one only joins it to others."""
    parts = word.split(" ")
    if len(parts) > 2 and (parts[0] in _JOINING or parts[-1] in _JOINING):
        return _NEVER
    return _LEAST if _PARTICLES.isdisjoint(parts) else _WITH_PARTICLE


def _joined(rows: list[Row], fewest: int, *, first: bool) -> list[Row]:
    """The rows with neighbours that belong together as one word."""
    close = _close(rows, fewest, first=first)
    return [_join(row, close) for row in rows]


def _close(rows: list[Row], fewest: int, *, first: bool) -> dict[Pair, float]:
    """How closely those neighbours belong together that do: the normalised information they share."""
    seen = Counter(word for row in rows for word in row)
    low: Counter[str] = Counter()
    for word, count in seen.items():
        low[_low(word)] += count
    pairs: Counter[Pair] = Counter()
    for row in rows:
        pairs.update(pairwise(row))
    together: Counter[Pair] = Counter()
    for pair, count in pairs.items():
        if joinable := _as_pair(pair):
            together[joinable] += count
    whole = sum(seen.values())
    close = {}
    for (one, other), count in together.items():
        if count >= fewest:
            each = seen if other[0] == _NAME else low
            shared = math.log(count * whole / (each[one] * each[other])) / math.log(whole / count)
            if shared >= _needed(one, other, first=first):
                close[one, other] = shared
    return close


def _as_pair(pair: Pair) -> Pair | None:
    """Neighbours as they are counted; None for those that are not joined: names with others, numbers.

    A capital before small letters is that of an office («Chỉ huy»), or of a name that ends there.
    """
    one, other = pair
    if one == _NUMBER or other == _NUMBER or one.count(" ") + other.count(" ") + 2 > LONGEST:
        return None
    if other[0] == _NAME:
        return pair if one[0] == _NAME else None
    return None if one[0] == _NAME and " " in one else (_low(one), other)


def _needed(one: str, other: str, *, first: bool) -> float:
    if first:
        return _SYLLABLES
    if other[0] == _NAME:
        return _NAMES
    return _WORDS if " " in one and " " in other else _WORD


def _join(row: Row, close: dict[Pair, float]) -> Row:
    """From the left; a pair gives way to a closer one that shares its second word."""
    if len(row) < 2:
        return row
    pairs = [_as_pair(pair) for pair in pairwise(row)]
    how = [close.get(pair, 0.0) if pair else 0.0 for pair in pairs] + [0.0, 0.0]
    joined, at = [], 0
    while at < len(row):
        if how[at : at + 1] > [0.0] and at < len(pairs) and not how[at] < how[at + 1] >= how[at + 2]:
            one, other = row[at], row[at + 1]
            joined.append(f"{one} {_low(other)}" if other[0] == _NAME else f"{_low(one)} {other}")
            at += 2
        else:
            joined.append(row[at])
            at += 1
    return joined


def _shares(counts: Counter[str]) -> dict[str, int]:
    """Of syllables that stand alone without a mark the share, in hundredths, of all alike but for marks."""
    alike: defaultdict[str, int] = defaultdict(int)
    for word, count in counts.items():
        alike[fold(word)] += count
    bare = [word for word in counts if " " not in word and alike[word] > counts[word] and not marked(word)]
    return {word: round(100 * counts[word] / alike[word]) for word in bare if alike[word] >= _COMMON}


_PARTICLES = frozenset(
    words_of(
        "của và các những tại ở bị được cho với từ đến về trong là có không đã đang sẽ do vì khi này đó ra "
        "vào lên theo trên dưới sau trước như hay hoặc để bởi nhưng mà thì cũng hơn rất còn tôi sang qua giữa "
        "nhiều rằng"
    )
)
_JOINING = _PARTICLES | frozenset(
    words_of(
        "vụ hàng cuộc chiếc mới lại chỉ ông bà nền mối trận buổi bức lệnh nữ cựu gây chống phải bài dự lời cú "
        "niềm nhóm tuyến dịp đợt vị loài môn bậc lễ căn nơi mức mùi tiếng tỏ nêu đặt rút đóng lấy tăng giảm "
        "cấm xin gửi dùng giành chịu tạo đúng đủ chưa chứ ký lập nộp uống cướp tỉnh huyện xã nghiêm nặng lớn "
        "thứ lớp cục sở thôn mạnh hồi ngay càng"
    )
)
