"""Raw pages as WARC 1.1, address by address, each answer at its time; only one page is in memory at once.

A page that answered again as it stood is a revisit. A long story of several pages is one address here: its
parts are responses of their own, the page they were joined to is a resource. Our own records say in further
headers of which article and source they are; others' tools pass over these.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import IO

from sqlite_utils import Database

from archive.clock import moment
from archive.evidence.record import FetchKept, PageKept, fetches_of, pages_of
from archive.evidence.warc import Capture, begin_warc, captures_of, one_word, write_capture
from archive.export.selection import Selection, selected
from archive.pages import RawPage, load

ARTICLE, SOURCE, PART = "Diemtin-Article", "Diemtin-Source", "Diemtin-Part"


def addresses(archive: Database, pages: Database, selection: Selection) -> Iterator[str]:
    """The addresses whose pages are asked for: those of the articles of a query, else all that are kept."""
    if selection.query is None:
        rows = pages.execute(
            """select url from pages where not exists
               (select 1 from pages before where before.url = pages.url and before.id < pages.id) order by id"""
        )
        yield from (url for (url,) in rows)
        return
    for sorts in selected(archive, selection):
        for sort in sorts:
            yield archive.execute("select url from articles where sort = ?", [sort]).fetchone()[0]


def write_pages(
    pages: Database, urls: Iterable[str], out: IO[bytes], made_at: datetime, since: datetime | None = None
) -> Iterator[int]:
    """Write the pages of these addresses; yields after each address how many records were written for it.

    ``since``: only what came since then.
    """
    writer = begin_warc(out, "diemtin.warc.gz", made_at)
    for url in urls:
        count = 0
        for capture in _captures(pages, url, since):
            write_capture(writer, capture)
            count += 1
        yield count


def _captures(db: Database, url: str, since: datetime | None) -> Iterator[Capture]:
    seen: dict[str, datetime] = {}
    for at, page, fetch in _answers(db, url):
        if since and at < since:
            continue
        raw = load(db, page.id) if page else None
        source = raw.source if raw else ""
        again = seen.get(page.sha256) if page and fetch and len(fetch.parts) == 1 else None
        more = ((ARTICLE, one_word(url)), *([(SOURCE, source)] if source else []))
        yield from (replace(one, again=again, more=(*more, *one.more)) for one in _parts(fetch, raw))
        if page:
            seen.setdefault(page.sha256, at)


def _parts(fetch: FetchKept | None, raw: RawPage | None) -> Iterator[Capture]:
    """The answers of one page; of a story that is several pages, also the page they are kept as."""
    parts = list(captures_of(fetch, raw))
    if len(parts) == 1 or raw is None:
        yield from parts
        return
    for number, one in enumerate(parts, 1):
        yield replace(one, more=((PART, f"{number}/{len(parts)}"),))
    yield Capture(raw.url, raw.fetched_at, raw.body, raw.content_type)


def _answers(db: Database, url: str) -> list[tuple[datetime, PageKept | None, FetchKept | None]]:
    """What came of an address, oldest first: pages with how they came, and answers without a page."""
    pages = {page.sha256: page for page in pages_of(db, url)}
    fetches = fetches_of(db, url)
    found = [(moment(one.at), pages.get(one.page_sha256 or ""), one) for one in fetches]
    known = {one.page_sha256 for one in fetches}
    rest = [(moment(page.fetched_at), page, None) for page in pages.values() if page.sha256 not in known]
    return sorted([*found, *rest], key=lambda one: one[0])
