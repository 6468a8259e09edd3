"""Lay out the desk that the stages consult from the config of a home."""

from archive.clock import Clock, utc_now
from archive.home import Home
from archive.places.gazetteer import load_places
from crawler.sources import Sources
from pipelines.classify.topics import load_topics
from pipelines.item import Context


def load_context(home: Home, sources: Sources, now: Clock = utc_now) -> Context:
    """The rules of the house, without an archive. Raises ConfigError for what the user must mend."""
    places, topics = load_places(home.config("places.yml")), load_topics(home.config("topics.yml"))
    return Context(places, topics, sources.families, now=now)
