"""The keeper: answers the workers and alone writes the databases.

A message is taken off the stream once what it says is written down. Cut off in between, it is read once more:
what was written down already is known by its visit and not written twice.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

from archive.databases.faults import fault_of
from archive.digests.alerts import evaluate
from archive.home import Held
from archive.i18n import current
from archive.model import Outcome
from archive.reasons import reason
from crawler.cluster import keys
from crawler.cluster.broker import Broker, delete_entries, library
from crawler.cluster.checks import checked_listing, checked_page
from crawler.cluster.jobs import STAYS, end_job
from crawler.cluster.wire import (
    DueCall,
    Envelope,
    Foreign,
    KeeperAnswer,
    ListingCall,
    MoreCall,
    PageCall,
    RunCall,
    pack,
    read,
)
from crawler.sources import Source
from crawler.state import at_hand
from crawler.state.local import LocalState
from crawler.state.messages import Due, PageEnded, StateLost
from crawler.state.run_log import RunLog, newest_run
from crawler.workspace import Workspace
from pipelines.pool import failure

AT_ONCE = 64  # messages that are read at once
BLOCK = 1000  # milliseconds that one look waits
REPLIES_STAY = 600  # seconds
GIVEN_UP = 3  # keepers that ended over a message; then it is put aside
MOST_TOLD = 100  # lines of one keeper about what it leaves out: whoever sends it fills no log
LONGEST = 300  # characters of such a line
NAME = "keeper"  # the one consumer of the stream


@dataclass(slots=True)
class JobRun:
    """The run of a job that a worker holds; ``locks`` keep a crawl of the same source out."""

    job: str
    claim: str
    source: Source
    run: int = 0
    ended: set[str] = field(default_factory=set)
    locks: ExitStack = field(default_factory=ExitStack)
    answered: tuple[str, bytes] = ("", b"")  # the last call and its answer


@dataclass(slots=True)
class Keeper:
    """Works off what comes home; ``tell`` is given a line for whoever runs it."""

    workspace: Workspace
    broker: Broker
    tell: Callable[[str], None]
    state: LocalState = field(init=False)
    jobs: dict[str, JobRun] = field(default_factory=dict)
    stale: bool = False  # whether the config changed since: this keeper will soon be followed by another
    kept: int = 0  # messages worked off
    told: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.state = LocalState(self.workspace)

    def take_up(self, *, new: bool = False) -> None:
        """Work off what was read and not taken off; a ``new`` keeper puts aside what several ended over."""
        with self.broker.faults():
            if new:
                self._put_aside()
        while self._work("0"):
            pass

    def _put_aside(self) -> None:
        """The oldest message is the one that a keeper was at when it ended; those behind it are innocent."""
        for entry in self.broker.redis.xpending_range(keys.HOME, keys.KEEPER, "-", "+", 1):
            if entry["times_delivered"] >= GIVEN_UP:
                self._tell_once("cluster.put_aside", entry["message_id"].decode())
                self._off([entry["message_id"]])
            else:  # counts one more
                self.broker.redis.xclaim(keys.HOME, keys.KEEPER, NAME, 0, [entry["message_id"]])

    def look(self) -> int:
        """Work off what came home; wait a moment where nothing did. How many messages it was."""
        return self._work(">")

    def _work(self, after: str) -> int:
        with self.broker.faults():
            came = self.broker.redis.xreadgroup(
                keys.KEEPER, NAME, {keys.HOME: after}, count=AT_ONCE, block=BLOCK
            )
            entries = came[0][1] if came else []
            self._take_all(entries)
        return len(entries)

    def _take_all(self, entries: list[Any]) -> None:
        """Write down some messages, and take off what is written down: all at once, or when one is answered."""
        written: list[bytes] = []
        try:
            for entry, fields in entries:
                call, answer = self._take(fields.get(b"m", b"") if fields else b"")
                self.kept += 1
                written.append(entry)
                if call:
                    self._off(written, call, answer)
                    written = []
        finally:
            if written:
                self._off(written)

    def _take(self, data: bytes) -> tuple[str, bytes]:
        """One message, written down; the call that waits for an answer ('' for none), and the answer."""
        try:
            message = read(data, Envelope)
        except Foreign as error:
            if data:  # else it was worked off already
                self._tell_once("cluster.foreign", str(error))
            return "", b""
        try:
            return message.call, self._answer(message)
        except library().exceptions.OutOfMemoryError:
            if not message.call:
                raise
            return "", b""

    def _off(self, entries: list[bytes], call: str = "", answer: bytes = b"") -> None:
        """Take messages off, with the answer to the last in the same step: a call is not answered twice.

        A full broker refuses that step. Then they go without it, which makes room, and who waits asks again.
        """
        batch = self.broker.redis.pipeline()
        if call:
            batch.rpush(keys.reply_to(call), answer).expire(keys.reply_to(call), REPLIES_STAY)
        batch.xack(keys.HOME, keys.KEEPER, *entries).xdel(keys.HOME, *entries)
        try:
            batch.execute()
        except library().exceptions.OutOfMemoryError:
            delete_entries(self.broker.redis, keys.HOME, keys.KEEPER, *entries)

    def _answer(self, message: Envelope) -> bytes:
        """What a message asks for; the same call is answered the same."""
        if message.call and (known := self._answered(message)):
            return known
        try:
            answer = pack(KeeperAnswer(self._heed(message)))
        except Exception as error:
            if self._stays(error):
                raise
            return pack(KeeperAnswer(lost=self._refusal(error)))
        self._note_answer(message, answer)
        return answer

    def _answered(self, message: Envelope) -> bytes | None:
        """How this call was answered; how a run began is known to the next keeper, which begins no other."""
        job = self.jobs.get(message.job)
        if job and job.answered[0] == message.call:
            return job.answered[1]
        if not isinstance(message.verb, DueCall):
            return None
        call, answer = self.broker.redis.hmget(keys.held_job(message.job), "call", "due")
        return answer if call == message.call.encode() else None

    def _note_answer(self, message: Envelope, answer: bytes) -> None:
        if job := self.jobs.get(message.job):
            job.answered = (message.call, answer)
        if isinstance(message.verb, DueCall):
            self.broker.redis.hset(keys.held_job(message.job), mapping={"call": message.call, "due": answer})

    def _stays(self, error: Exception) -> bool:
        """Whether a message stays on the stream: broker or databases take nothing now."""
        return isinstance(error, library().RedisError) or bool(fault_of(error.__cause__ or error))

    def _refusal(self, error: Exception) -> str:
        """Why a message is not done, as a reason; one that breaks on us ends its own crawl and no other."""
        if isinstance(error, StateLost):
            return error.reason
        if isinstance(error, Foreign):
            self._tell_once("cluster.foreign", str(error))
            return reason("foreign_message")
        self._tell_once("cluster.foreign", failure(error))
        return failure(error)

    def _heed(self, message: Envelope) -> Due:
        verb = message.verb
        if isinstance(verb, DueCall):
            return self._begin(message, verb)
        if isinstance(verb, RunCall) and self._was_closed(message):
            return Due(verb.end.run)
        job = self._job(message)
        if isinstance(verb, PageCall):
            self._page_ended(job, verb.page)
        elif isinstance(verb, ListingCall):
            self._same_run(job, verb.listing.run)
            return self.state.listing_read(checked_listing(verb.listing, job.source))
        elif isinstance(verb, MoreCall):
            self._same_run(job, verb.run)
            return self.state.more(job.run)
        elif isinstance(verb, RunCall):
            self._same_run(job, verb.end.run)
            self._close(job, verb)
        return Due(job.run)

    def _page_ended(self, job: JobRun, page: PageEnded) -> None:
        """Write down the end of a page, once; one that breaks on us has failed."""
        if page.run != job.run or page.url in job.ended:
            return
        try:
            self._check_known(page, job.source)
            self.state.page_ended(checked_page(page, job.source, self.workspace.now()))
        except StateLost:
            raise
        except Exception as error:  # noqa: BLE001 - the end of this page; the next ones go on
            if isinstance(error, Foreign):
                self._tell_once("cluster.foreign", str(error))
            if page.url not in self.state.runs[job.run].asked:
                return  # nobody asked for it
            self.state.page_ended(PageEnded(page.run, page.url, Outcome.FAILED, failure(error)))
        job.ended.add(page.url)

    def _check_known(self, page: PageEnded, source: Source) -> None:
        """Raises Foreign for a page that no list of the source named: nobody was sent there."""
        sql = "select 1 from addresses where url = ? and source = ?"
        if self.workspace.pages.execute(sql, [page.url, source.key]).fetchone() is None:
            raise Foreign(f"no page of {source.key}: {page.url[:100]}")

    def _asked_for(self, message: Envelope, verb: DueCall) -> Source:
        """The source of a job; one that nobody waits for any more is over, whoever took it up."""
        source = self.workspace.sources.by_key.get(verb.source)
        waits = self.broker.redis.get(keys.waiting_job(verb.source)) == message.job.encode()
        if source is None or not waits:
            if not waits or not self.stale:  # a new source is known to the next keeper
                end_job(self.broker, verb.source, message.job, None)
            raise StateLost(reason("no_job"))
        if self.broker.redis.hget(keys.held_job(message.job), "claim") != message.claim.encode():
            raise StateLost(reason("lease_lost"))
        return source

    def _begin(self, message: Envelope, verb: DueCall) -> Due:
        """Open the run of a job; one that another worker had is closed as killed by that."""
        source = self._asked_for(message, verb)
        self._drop(source)
        job = JobRun(message.job, message.claim, source)
        self._lock(job)
        self._at_hand(source)
        due = self.state.due(source.key, verb.backfill)
        job.run, self.jobs[job.job] = due.run, job
        past = int(verb.backfill is not None)
        self.broker.redis.hset(keys.held_job(job.job), mapping={"run": due.run, "past": past})
        self.broker.redis.expire(keys.held_job(job.job), STAYS)
        return due

    def _drop(self, source: Source) -> None:
        for job in [job for job in self.jobs.values() if job.source.key == source.key]:
            job.locks.close()
            self.state.runs.pop(job.run, None)
            del self.jobs[job.job]

    def _lock(self, job: JobRun) -> None:
        try:
            job.locks.enter_context(self.workspace.home.lock(f"source-{job.source.key}"))
        except Held as error:
            self.tell(str(error))
            raise StateLost(reason("source_held")) from error

    def _at_hand(self, source: Source) -> None:
        """What a worker was reading when it ended: read behind all others now, given up the next time."""
        for left in self.broker.redis.smembers(keys.at_hand(source.key)):
            url = left.decode(errors="replace")
            at_hand.begin(self.workspace.pages, source.key, url, self.workspace.now())
        self.broker.redis.delete(keys.at_hand(source.key))

    def _job(self, message: Envelope) -> JobRun:
        """The job of a message; one that an earlier keeper began is taken up as it stands in the databases."""
        job = self.jobs.get(message.job) or self._resume(message)
        if job is None or job.claim != message.claim:
            raise StateLost(reason("lease_lost"))
        return job

    def _resume(self, message: Envelope) -> JobRun | None:
        held = self.broker.redis.hgetall(keys.held_job(message.job))
        run = int(held.get(b"run", 0))
        if not run or held.get(b"claim") != message.claim.encode():
            return None
        row = self.workspace.archive.execute("select source, state from runs where id = ?", [run]).fetchone()
        source = self.workspace.sources.by_key.get(row[0]) if row and row[1] == "running" else None
        if source is None:
            return None
        job = JobRun(message.job, message.claim, source, run)
        self._lock(job)
        log = RunLog.resumed(self.workspace, source, run, past=held.get(b"past") == b"1")
        job.ended = set(log.asked)
        self.state.runs[run], self.jobs[job.job] = log, job
        return job

    def _was_closed(self, message: Envelope) -> bool:
        """Whether an earlier keeper closed the run of a job and could not say so any more."""
        held = self.broker.redis.hgetall(keys.held_job(message.job))
        run = [int(held.get(b"run", 0))]
        row = self.workspace.archive.execute("select source, state from runs where id = ?", run).fetchone()
        closed = row is not None and row[1] != "running" and held.get(b"claim") == message.claim.encode()
        if closed:
            end_job(self.broker, row[0], message.job, newest_run(self.workspace, row[0]))
        return closed

    def _same_run(self, job: JobRun, run: int) -> None:
        if run != job.run:
            raise StateLost(reason("lease_lost"))

    def _close(self, job: JobRun, verb: RunCall) -> None:
        """End the run, match the alerts, and say how it went to whoever gave out the job."""
        self.state.run_ended(verb.end)
        evaluate(self.workspace.archive, self.workspace.alerts, self.workspace.now())
        end_job(self.broker, job.source.key, job.job, newest_run(self.workspace, job.source.key))
        self._drop(job.source)

    def drop_lost(self) -> None:
        """Let go of the sources whose jobs are held by nobody any more."""
        with self.broker.faults():
            for job in list(self.jobs.values()):
                if not self.broker.redis.exists(keys.held_job(job.job)):
                    self._drop(job.source)

    def _tell_once(self, code: str, why: str) -> None:
        why = "".join(letter if letter.isprintable() else "?" for letter in why[:LONGEST])
        if why not in self.told and len(self.told) < MOST_TOLD:
            self.told.add(why)
            self.tell(current()(code, why=why))

    def close(self) -> None:
        """Give the locks back; runs under way go on with the next keeper."""
        for job in self.jobs.values():
            job.locks.close()


@contextmanager
def keeping(
    workspace: Workspace, broker: Broker, tell: Callable[[str], None], *, new: bool = True
) -> Iterator[Keeper]:
    """A keeper that took up what was left; ``new`` in its process, so that the one before it may have died."""
    keeper = Keeper(workspace, broker, tell)
    try:
        keeper.take_up(new=new)
        yield keeper
    finally:
        keeper.close()
