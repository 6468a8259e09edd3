"""pages.db, which is never served: raw pages (zstd), the addresses to visit, HTTP state, and every visit."""

import hashlib
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from weakref import WeakKeyDictionary

from sqlite_utils import Database

from archive.clock import moment, stamp
from archive.db import WAIT, as_database, connect, migrations, reading, upgrade, writing
from archive.model import Fetch

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

LEVEL = 3  # measured beside 9: 13 % larger with a dictionary, a quarter of the CPU
DICTIONARY_LIMIT = 300_000  # bytes of a page that serve as dictionary
DICTIONARY_WORTH = 0.8  # a dictionary that saves less than a fifth is replaced by the page at hand
PLAINLY_WORTH = 0.13  # of the page: a dictionary that packs it so small is not asked what it saves

MIGRATIONS = migrations("diemtin-pages", "pages")
_ready: WeakKeyDictionary[Database, dict[int, zstd.ZstdDict]] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class RawPage:
    """A page as it was fetched."""

    url: str
    source: str
    fetched_at: datetime
    content_type: str
    body: bytes


def open_pages(path: Path | str, patience: float = WAIT) -> Database:
    """Open pages.db for writing, made or upgraded to the newest schema; ``patience`` as for ``connect``."""
    db = as_database(connect(path, patience))
    upgrade(db, MIGRATIONS)
    return db


def keep(db: Database, page: RawPage) -> bool:
    """Keep a raw page unless the same bytes of that address are kept already; whether it was new."""
    sha = hashlib.sha256(page.body).hexdigest()
    if db.execute("select 1 from pages where url = ? and sha256 = ?", [page.url, sha]).fetchone():
        return False
    with writing(db):
        dictionary_id, packed = _pack(db, page)
        db.table("pages").insert(
            {
                "url": page.url,
                "source": page.source,
                "fetched_at": stamp(page.fetched_at),
                "content_type": page.content_type,
                "sha256": sha,
                "dictionary_id": dictionary_id,
                "size": len(page.body),
                "body": packed,
            }
        )
    return True


def note_fetches(
    db: Database, url: str, fetches: Sequence[Fetch], page_sha256: str | None, text_sha256: str | None
) -> None:
    """Note how the page of an article came, or the pages that it is made of."""
    with writing(db):
        for part, fetch in enumerate(fetches):
            row = _fetch_row(db, fetch)
            row |= {"url": url, "part": part, "page_sha256": page_sha256, "text_sha256": text_sha256}
            db.table("fetches").insert(row)


def _fetch_row(db: Database, fetch: Fetch) -> dict[str, object]:
    row: dict[str, object] = {name: getattr(fetch, name) for name in Fetch.__slots__}
    for name in ("request", "response", "redirects"):
        row[name] = json.dumps(row[name], ensure_ascii=False, separators=(",", ":"))
    row |= {"at": stamp(fetch.at), "certificate": None}
    if fetch.certificate:
        row["certificate"] = hashlib.sha256(fetch.certificate).hexdigest()
        db.execute("insert or ignore into certificates values (?, ?)", [row["certificate"], fetch.certificate])
    return row


def _pack(db: Database, page: RawPage) -> tuple[int | None, bytes]:
    """The page compressed, with the site's newest dictionary where that is worth it."""
    row = db.execute("select max(id) from dictionaries where source = ?", [page.source]).fetchone()
    if row[0] is not None:
        packed = zstd.compress(page.body, LEVEL, zstd_dict=_dictionary(db, row[0]).as_digested_dict)
        if len(packed) < PLAINLY_WORTH * len(page.body):
            return row[0], packed
    alone = zstd.compress(page.body, LEVEL)
    if row[0] is not None and len(packed) < DICTIONARY_WORTH * len(alone):
        return row[0], packed
    if len(page.body) >= 8:
        made = {"source": page.source, "made_at": stamp(page.fetched_at), "body": page.body[:DICTIONARY_LIMIT]}
        db.table("dictionaries").insert(made)
    return None, alone


def _dictionary(db: Database, dictionary_id: int) -> zstd.ZstdDict:
    """A dictionary made ready once for each connection: that takes longer than packing a page with it."""
    ready = _ready.setdefault(db, {})
    if dictionary_id not in ready:
        body = db.execute("select body from dictionaries where id = ?", [dictionary_id]).fetchone()[0]
        ready[dictionary_id] = zstd.ZstdDict(body, is_raw=True)
    return ready[dictionary_id]


def has_page(db: Database, url: str) -> bool:
    """Whether any raw page of the address is kept."""
    return db.execute("select 1 from pages where url = ? limit 1", [url]).fetchone() is not None


def newest_page_ids(db: Database, source: str | None = None, since: datetime | None = None) -> list[int]:
    """The newest raw page of every address, oldest first, for :func:`load`."""
    where, values = ["id = (select max(id) from pages p where p.url = pages.url)"], []
    if source:
        where.append("source = ?")
        values.append(source)
    if since:
        where.append("fetched_at >= ?")
        values.append(stamp(since))
    rows = db.execute(f"select id from pages where {' and '.join(where)} order by id", values)
    return [row[0] for row in rows]


def newest_page(db: Database, url: str) -> RawPage | None:
    """The newest raw page of one address."""
    row = db.execute("select max(id) from pages where url = ?", [url]).fetchone()
    return load(db, row[0]) if row and row[0] else None


def load(db: Database, page_id: int) -> RawPage:
    """One raw page, unpacked."""
    url, source, fetched_at, content_type, dictionary, body = db.execute(
        """select url, pages.source, fetched_at, content_type, dictionaries.body, pages.body
           from pages left join dictionaries on dictionaries.id = dictionary_id where pages.id = ?""",
        [page_id],
    ).fetchone()
    raw = zstd.ZstdDict(dictionary, is_raw=True) if dictionary else None
    return RawPage(url, source, moment(fetched_at), content_type, zstd.decompress(body, zstd_dict=raw))


def times_of(path: Path, source: str, since: datetime) -> list[datetime]:
    """When the newest addresses of a source were published (else first listed), oldest first; reads only."""
    if not path.exists():
        return []
    with reading(path) as db:
        rows = db.execute(
            """select distinct coalesce(published_at, found_at) as at from addresses
               where source = ? and at >= ? order by at""",
            [source, stamp(since)],
        )
        return [moment(at) for (at,) in rows]
