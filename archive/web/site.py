"""What one served archive knows beside its database: the clock, the home and the readers it was built for."""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from archive.clock import Clock, utc_now
from archive.home import DEFAULTS, Home
from archive.places.gazetteer import Gazetteer, load_places
from archive.web.access import Access, Guesses

if TYPE_CHECKING:
    from datasette.app import Datasette
    from datasette.database import Database


@dataclass(frozen=True, slots=True)
class Site:
    """``home`` is None under plain ``datasette archive.db``: then the installed config serves."""

    now: Clock = utc_now
    home: Home | None = None
    access: Access = field(default_factory=Access)
    guesses: Guesses = field(default_factory=Guesses)

    @property
    def places(self) -> Gazetteer:
        """The names of places, old and new, that widen queries."""
        return _places(self.home.config("places.yml") if self.home else DEFAULTS / "places.yml")


@cache
def _places(path: Path) -> Gazetteer:
    return load_places(path)


_SITES: "WeakKeyDictionary[Datasette, Site]" = WeakKeyDictionary()


def place(datasette: "Datasette", site: Site) -> None:
    """Remember what a Datasette was built for."""
    _SITES[datasette] = site


def site_of(datasette: "Datasette") -> Site:
    """What a Datasette was built for; the defaults for one started by hand."""
    return _SITES.get(datasette, Site())


def archive_of(datasette: "Datasette") -> "Database":
    """The archive among the databases served: the one called ``archive``, else the first."""
    return datasette.databases.get("archive") or datasette.get_database()
