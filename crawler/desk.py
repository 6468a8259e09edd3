"""Lay out the desk that the stages consult from the config of a home."""

from archive.clock import Clock, utc_now
from archive.gazetteer.places import load_places
from archive.home import Home
from crawler.sources import Sources
from pipelines.draft import Desk
from pipelines.topics import load_topics


def read_desk(home: Home, sources: Sources, now: Clock = utc_now) -> Desk:
    """The rules of the house, without an archive. Raises ConfigError for what the user must mend."""
    places, topics = load_places(home.config("places.yml")), load_topics(home.config("topics.yml"))
    return Desk(places, topics, sources.families, now=now)
