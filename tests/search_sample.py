"""Articles written for the tests of search, a way to put them into an archive, and a plain scan of texts.

The scan shares no code with ``archive``: it is what search is held against.
"""

import itertools
import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from sqlite_utils import Database

from archive.clock import stamp
from archive.model import Article, Mention
from archive.schema import open_archive

FIRST = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
TEXTS = [
    (
        "Thái Nguyên đẩy mạnh chuyển đổi số",
        "Tỉnh đặt mục tiêu kinh tế số đạt 30% GRDP.",
        "Nghị quyết 52-NQ/TW là căn cứ.",
    ),
    ("Chuyen doi so o xa vung cao", "", "Ban tin khong dau cua mot trang cu ve chuyen doi so."),
    (
        "Khu công nghiệp Sông Công II thu hút vốn",
        "Vốn đăng ký 8.503 tỷ đồng.",
        "Khu công nghiệp đã lấp đầy 58,4% diện tích.",
    ),
    ("Chợ Mới làm đường", "Đường mới cho mọi người dân.", "Chợ cũ được dời. Cho mới hay cho mượn đều tốt."),
    ("Đảng uỷ phường họp", "Đảng ủy phường bàn về hoà giải.", "Tổ hòa giải khoẻ, quý và quỹ đều được nhắc."),
    (
        "Gang thép tăng sản lượng",
        "Công ty gang thép sản xuất ổn định.",
        "Thép cán tăng; gang giảm.\nCông ty TNG không làm thép.",
    ),
    (
        "Quyết định 1234/QĐ-UBND về đất đai",
        "Quyết định của UBND tỉnh.",
        "Liên hệ toasoan@example.vn hoặc https://example.vn/tin?id=7.",
    ),
    ("Bà Năm kể chuyện ba năm", "", "Ba năm qua bà Năm sống ở Võ Nhai. Năm nay được mùa chè Tân Cương."),
    (
        "ĐIỆN TỬ VÀ BÁN DẪN: CƠ HỘI MỚI",
        "Điện tử là ngành mũi nhọn.",
        "Bán dẫn cần người. Ðiện lực cấp đủ điện.",
    ),
    ("Bá Xuyên có nhà máy mới", "Phường Bá Xuyên, trước là Sông Công.", "Nhà máy 🤖 chạy thử 😀 tuần này."),
    ("Thời tiết", "Trời rét.", "Nhiệt độ giảm 5 độ."),
    ("Tin ngắn", "", ""),
]


def articles() -> list[Article]:
    """The sample, an hour apart, oldest first."""
    made = []
    for at, (title, lead, body) in enumerate(TEXTS):
        article = Article(f"https://a.example/{at}", ("bao-a", "bao-b", "bao-c")[at % 3], title, lead, body)
        article.published_at = FIRST + timedelta(hours=at)
        article.states = tuple(state for state, every in (("edited", 4), ("gone", 6)) if at % every == 1)
        article.topics = [topic for topic, every in (("so", 2), ("cong-nghiep", 3)) if at % every == 0]
        article.mentions = (
            [Mention("place", "Sông Công", 1)] if "Sông Công" in article.title + article.text else []
        )
        article.mentions += [Mention("organisation", "TNG", 1)] if "TNG" in article.body else []
        made.append(article)
    return made


def archive_of(path: Path, made: Iterable[Article]) -> Database:
    """An archive with these articles (ids from 1) and their topics and mentions."""
    db = open_archive(path)
    db.execute("begin")
    for key, name in (("bao-a", "Báo A"), ("bao-b", "Báo Bờ"), ("bao-c", "Tạp chí Cờ")):
        db.execute("insert into sources (key, name) values (?, ?)", (key, name))
    db.execute("insert into topics (key, name) values ('so', 'Chuyển đổi số'), ('cong-nghiep', 'Công nghiệp')")
    for at, article in enumerate(made, start=1):
        insert(db, at, article)
    db.execute("commit")
    return db


def insert(db: Database, article_id: int, article: Article) -> None:
    """One article as its rows; each has a minute of its own, or the slot of its id."""
    assert article.published_at
    at = stamp(article.published_at)
    sort = int(article.published_at.timestamp()) // 60 * 1024 + article_id % 1024
    row = (article_id, sort, article.url, article.source, article.title, article.lead, article.body, at, at, at)
    since = (article.level, int("edited" in article.states), "gone" if "gone" in article.states else "live")
    db.execute(
        """insert into articles (id, sort, url, source, title, lead, body, published_at, first_seen_at,
           last_seen_at, level, edits, state, sha256) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '')""",
        (*row, *since),
    )
    for topic in article.topics:
        db.execute("insert into article_topics values (?, ?)", (article_id, topic))
    for mention in article.mentions:
        given = (article_id, mention.kind, mention.name, mention.count)
        db.execute("insert into mentions values (?, ?, ?, ?)", given)


_OLD = ["oà", "oá", "oả", "oã", "oạ", "oè", "oé", "oẻ", "oẽ", "oẹ", "uỳ", "uý", "uỷ", "uỹ", "uỵ"]
_NEW = ["òa", "óa", "ỏa", "õa", "ọa", "òe", "óe", "ỏe", "õe", "ọe", "ùy", "úy", "ủy", "ũy", "ụy"]


@cache
def exact_word(word: str) -> str:
    """Lower case, composed, with the tone on the first vowel of a final oa, oe, uy (not after q)."""
    word = unicodedata.normalize("NFC", word).replace("Ð", "Đ").replace("ð", "đ").lower()
    if word[-2:] in _OLD and word[-3:-2] != "q":
        return word[:-2] + _NEW[_OLD.index(word[-2:])]
    return word


@cache
def bare_word(word: str) -> str:
    """Lower case without marks."""
    letters = unicodedata.normalize("NFD", word.lower().replace("đ", "d").replace("ð", "d"))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def old_tones(phrase: str) -> str:
    """The phrase with old tone placement."""
    return " ".join(
        word[:-2] + _OLD[_NEW.index(word[-2:].lower())]
        if word[-2:].lower() in _NEW and word[-3:-2] != "q"
        else word
        for word in phrase.split()
    )


class Scan:
    """Texts taken apart once, to be looked through word by word."""

    def __init__(self, texts: Iterable[Sequence[str]]) -> None:
        self._fields = [[_Field(text) for text in texts_of_one] for texts_of_one in texts]
        self._known: dict[tuple[tuple[str, bool], ...], set[int]] = {}

    def with_phrase(self, phrase: str, exactly: Sequence[bool] = ()) -> set[int]:
        """Which texts have the words of a phrase in a row: each as typed, or those that are ``exactly``."""
        typed = _Field(phrase)
        asked = tuple(zip(typed.exact, exactly or [True] * len(typed.exact), strict=True))
        if (seen := self._known.get(asked)) is not None:
            return seen  # capitals and NFD are the same words
        there = {at for at, fields in enumerate(self._fields) if any(one.has(typed, asked) for one in fields)}
        return self._known.setdefault(asked, there)

    def with_all(self, phrases: Iterable[tuple[str, Sequence[bool]]]) -> set[int]:
        """Which texts have each of these phrases somewhere."""
        return set.intersection(*(self.with_phrase(*one) for one in phrases))


class _Field:
    def __init__(self, text: str) -> None:
        cut = re.findall(r"[^\W_]+", unicodedata.normalize("NFC", text))
        self.exact = [exact_word(word) for word in cut]
        self.joined = f" {' '.join(map(bare_word, cut))} "

    def has(self, typed: "_Field", asked: Sequence[tuple[str, bool]]) -> bool:
        at = self.joined.find(typed.joined)
        while at >= 0:
            first = self.joined.count(" ", 0, at)
            row = zip(asked, self.exact[first:], strict=False)
            if all(word == found or not exactly for (word, exactly), found in row):
                return True
            at = self.joined.find(typed.joined, at + 1)
        return False


def typings(phrase: str) -> dict[str, str]:
    """A phrase as people type it."""
    words = phrase.split()
    some = [bare_word(word) if at % 2 else word for at, word in enumerate(words)]
    return {
        "with marks": phrase,
        "without": " ".join(map(bare_word, words)),
        "old tones": old_tones(phrase),
        "NFD": unicodedata.normalize("NFD", phrase),
        "capitals": phrase.upper(),
        "mixed": " ".join(some),
        "mixed the other way": " ".join(
            bare_word(a) if a == b else a for a, b in itertools.zip_longest(words, some)
        ),
    }
