"""``/-/metrics``: what a monitoring server asks every minute, in Prometheus' text format."""

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import suppress

from datasette.utils.asgi import Response
from sqlite_utils import Database

from archive import health
from archive.backup.record import read_record
from archive.clock import moment, stamp
from archive.databases.faults import DatabaseFault
from archive.db import reading
from archive.health.cluster import ClusterStatus, read_status
from archive.health.machine import home_report
from archive.home import Home
from archive.web.request import PageRequest

_DUE = """select
    (select count(*) from addresses where source = :source and next_at <= :now and outcome is null)
    + (select count(*) from addresses where source = :source and next_at <= :now and outcome is not null)"""
_LEVELS = ("green", "grey", "amber", "red")


async def metrics(req: PageRequest) -> Response:
    """Sources, articles, editions and deliveries, the frontier, the files and the disk."""
    from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

    registry = CollectorRegistry()

    def told(name: str, what: str, *labels: str) -> Gauge:
        return Gauge(f"diemtin_{name}", what, labels, registry=registry)

    measured = await req.query(lambda db: list(_of_archive(req, db)))
    if req.site.home:
        measured += await asyncio.to_thread(lambda home: list(_of_home(req, home)), req.site.home)
    gauges: dict[str, Gauge] = {}
    for name, what, labels, value in measured:
        if name not in gauges:
            gauges[name] = told(name, what, *labels)
        (gauges[name].labels(**labels) if labels else gauges[name]).set(value)
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


Measure = tuple[str, str, dict[str, str], float]


def _of_archive(req: PageRequest, db: Database) -> Iterator[Measure]:
    yield "articles", "Articles in the archive.", {}, _count(db, "select count(*) from articles")
    newest = db.execute("select max(first_seen_at) from articles").fetchone()[0]
    if newest:
        yield (
            "newest_article_seconds",
            "When the newest article was first seen.",
            {},
            moment(newest).timestamp(),
        )
    for one in health.report(db, req.now):
        source = {"source": one.key}
        for level in _LEVELS:
            state = {**source, "level": level}
            yield "source_state", "1 for the state a source is in.", state, float(level == one.level)
        if one.last_run_at:
            at = moment(one.last_run_at).timestamp()
            yield "source_last_run_seconds", "When the last run of a source ended.", source, at
        for outcome, pages in one.outcomes.items():
            yield "source_pages", "Pages of a source's last run.", {**source, "outcome": outcome}, pages
    for state, deliveries in db.execute("select state, count(*) from deliveries group by state"):
        yield "deliveries", "Deliveries of editions.", {"state": state}, deliveries


def _of_home(req: PageRequest, home: Home) -> Iterator[Measure]:
    for file in (home.archive_db, home.pages_db, home.desk_db):
        if file.exists():
            yield "file_bytes", "Size of a database.", {"file": file.name}, file.stat().st_size
    disk = shutil.disk_usage(home.path)
    yield "disk_free_bytes", "Free space where the home is.", {}, disk.free
    yield "schedule_running", "1 while a process keeps the schedule.", {}, float(home.is_locked("up"))
    if made := read_record(home).good_at:
        yield "copy_seconds", "When the newest copy of the home was made.", {}, moment(made).timestamp()
    for one in home_report(home, req.now, req.site.sources_fault()):
        for level in _LEVELS:
            state = {"part": one.key, "level": level}
            yield (
                "home_state",
                "1 for the state a part of the home is in.",
                state,
                float(level == one.alarm.level),
            )
    if status := read_status(home):
        yield from _of_cluster(req, status)
    with suppress(DatabaseFault), reading(home.pages_db) as pages:
        sources = [key for (key,) in pages.execute("select distinct source from lists")]
        asked = [{"source": key, "now": stamp(req.now)} for key in sources]
        waiting = sum(int(pages.execute(_DUE, one).fetchone()[0]) for one in asked)
        yield "frontier_due", "Addresses that are due for a visit.", {}, waiting


def _of_cluster(req: PageRequest, status: ClusterStatus) -> Iterator[Measure]:
    workers = len(status.present(req.now))
    yield "cluster_noted_seconds", "When the keeper last noted what follows.", {}, moment(status.at).timestamp()
    yield "cluster_workers", "Workers that gave a sign of life within a minute.", {}, workers
    yield "cluster_crawls", "Crawls that workers are at.", {}, status.crawling
    yield "cluster_jobs", "Crawls that wait for a worker.", {}, status.jobs
    yield "cluster_messages", "Messages that wait for the keeper.", {}, status.coming_home
    yield "cluster_unread", "Kept pages that wait to be read by a worker.", {}, status.unread
    yield "cluster_lag_seconds", "How long the oldest message has waited for the keeper.", {}, status.lag
    yield "cluster_stalls", "How often a worker had to wait for the keeper.", {}, status.stalls


def _count(db: Database, sql: str) -> int:
    return int(db.execute(sql).fetchone()[0])
