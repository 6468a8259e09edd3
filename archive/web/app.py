"""The archive served: a Datasette over archive.db with our pages, limits and metadata."""

import logging
from collections.abc import Callable

from datasette.app import Datasette

from archive.clock import Clock, utc_now
from archive.config import load_yaml
from archive.home import Home
from archive.refused import Explanation
from archive.web.access import Access, DeskReader, signing_secret
from archive.web.crawling import Crawling
from archive.web.password_check import PasswordCheck
from archive.web.request import ServedArchive, remember

SETTINGS = {
    "sql_time_limit_ms": 3000,
    "suggest_facets": False,
    "allow_download": False,
    "allow_csv_stream": False,
    "cache_size_kb": 16000,  # a thousand hits, as filters and ranking read them one after the other
    "num_sql_threads": 3,  # measured best on two cores: facts, spikes §2
    "max_returned_rows": 1000,
    "default_page_size": 50,
}


def build(
    home: Home,
    *,
    now: Clock = utc_now,
    access: Access | None = None,
    explain: Callable[[str], Explanation] | None = None,
    crawling: Crawling | None = None,
) -> Datasette:
    """A Datasette over the home's archive.db, which may be written to meanwhile.

    Run it with ``uvicorn`` over ``.app()`` after ``await .invoke_startup()``. Raises ConfigError when
    metadata.yml cannot be read.
    """
    access = access or Access()
    logging.basicConfig(format="%(message)s")  # warnings, as ever: some plugins would set up more
    datasette = Datasette(
        [str(home.archive_db)],
        settings=SETTINGS,
        metadata=load_yaml(home.config("metadata.yml")),
        secret=signing_secret(home),
    )
    passwords, desk = PasswordCheck(home, access.password, now), DeskReader(home.desk_db)
    remember(datasette, ServedArchive(now, home, access, passwords, desk, explain, crawling))
    return datasette
