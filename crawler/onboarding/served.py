"""What settings pages ask of the crawler: sites are visited by commands of their own, as crawls are."""

import json
import os
import secrets
import subprocess
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from archive.cases import Case, CaseBook, Verdict
from archive.cases.trial import CaseNow, MissedWord, TrialReport
from archive.clock import Clock
from archive.config import ConfigError
from archive.home import Held, Home
from archive.i18n import Language, Words
from archive.web.crawling import CheckedSource, Job, NewSource, SourceLine
from archive.workers import own_environment, own_module
from crawler.onboarding.writer import Prepared, write_prepared
from crawler.service.launcher import PARENT
from crawler.sources import home_sources, load_sources, sources_fault, sources_folder

LIMIT = 240.0  # seconds that a visit may take
TRY_SECONDS = 20.0  # that a trial looks at texts, the newest first
TRY_START = 20.0  # more, to begin and to end
KEPT = 50  # visits that are remembered
AT_ONCE = 2
DELAY_VARIABLE = "DIEMTIN_VISIT_DELAY"  # seconds between requests to a new site, for tests


@dataclass(slots=True)
class ServedCrawler:
    """The crawler of a home for its settings pages."""

    home: Home
    now: Clock
    _jobs: dict[str, tuple[Job, threading.Event]] = field(default_factory=dict)
    _room: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(AT_ONCE))

    def sources(self) -> list[SourceLine]:
        """Every source, in the order of the config."""
        return [
            SourceLine(
                key=one.key,
                name=one.name,
                home=one.home,
                kind=one.kind,
                state=one.state,
                every=int(one.every.total_seconds()),
                lists=len(one.feeds) + len(one.sitemaps) + len(one.sections),
            )
            for one in home_sources(self.home).by_key.values()
        ]

    def sources_fault(self) -> str:
        """Why the config of sources cannot be used; '' where it can."""
        return sources_fault(self.home)

    def contact(self) -> str:
        """The address that sites see in the user agent."""
        return home_sources(self.home).contact

    def check_sources(self, path: Path) -> None:
        """Raise ConfigError for what is wrong in a file of changes to sources, among the other files."""
        name = f"{path.name.removeprefix('.').rpartition('-')[0]}.yml"
        others = [file for file in sorted(sources_folder(self.home).glob("*.yml")) if file.name != name]
        load_sources(self.home.config("sources.yml"), [*others, path])

    def check_topics(self, path: Path) -> None:
        """Raise ConfigError for what is wrong in a topics.yml."""
        from pipelines.classify.topics import load_topics

        load_topics(path)

    def match_rules(self) -> None:
        """Match new and changed rules and topics against what came since the last editions."""
        from archive.digests.alerts import evaluate
        from crawler.workspace import open_workspace

        with open_workspace(self.home, self.now) as workspace:
            evaluate(workspace.archive, workspace.alerts, workspace.now())

    def start_add(self, typed: dict[str, str], lang: Language) -> Job:
        """Begin to read a new source."""
        options = [f"--{name}={typed[name]}" for name in ("name", "key", "kind") if typed.get(name)]
        delay = os.environ.get(DELAY_VARIABLE)
        options += [f"--delay={delay}"] if delay else []
        job = Job(secrets.token_hex(8), "add", typed["url"], typed)
        return self._start(job, lang, ["sources", "add", "--json", *options, "--", typed["url"]])

    def start_check(self, key: str, lang: Language) -> Job:
        """Begin to check a source."""
        job = Job(secrets.token_hex(8), "check", key, {})
        return self._start(job, lang, ["sources", "check", "--json", "--", key])

    def job(self, id_: str, wait: float) -> Job | None:
        """A visit that was begun, once it is done or some seconds are over; None for one that is not known."""
        known = self._jobs.get(id_)
        if known is None:
            return None
        known[1].wait(wait)
        return known[0]

    def save(self, job: Job) -> None:
        """Write a source that was read. Raises ConfigError."""
        if job.new is None:
            raise ConfigError(job.problem)
        try:
            write_prepared(self.home, msgspec.convert(job.new.prepared, Prepared, strict=False))
        except Held as error:
            raise ConfigError(str(error)) from error
        job.about, job.saved = job.new.key, True

    def judge_cases(self, cases: Sequence[Case], seconds: float) -> dict[str, CaseNow]:
        """What today's rules make of cases, by id; those there was no time for are left out."""
        from crawler.asked.cases import case_reader, judged_cases

        with case_reader(self.home, self.now) as reader:
            return {one.id: one for one in judged_cases(reader, cases, seconds)}

    def case_of(self, address: str, verdict: Verdict, said: dict[str, str]) -> Case:
        """A case of an address, or of a text where that is ''; not yet recorded. Raises BadAddress."""
        from crawler.asked.cases import case_of_address, case_of_text, case_reader

        if not address:
            return case_of_text(verdict, self.now(), said)
        with case_reader(self.home, self.now) as reader:
            return case_of_address(reader, address, verdict, self.now(), said)

    def missed_words(self, topic: str) -> list[MissedWord]:
        """What stands in articles that this topic missed and in no list of words, by counts."""
        from crawler.asked.cases import case_reader, missed_words

        with case_reader(self.home, self.now) as reader:
            return missed_words(reader, CaseBook.of(self.home), topic, self.now())

    def try_topics(self, text: str, lang: Language) -> TrialReport:
        """What another topics.yml would change, in a process of its own. Raises ConfigError."""
        with tempfile.TemporaryDirectory(prefix="diemtin-") as folder:
            file = Path(folder) / "topics.yml"
            file.write_text(text, encoding="utf-8")
            self.check_topics(file)
            limits = ["--json", "--seconds", str(TRY_SECONDS)]
            return self._tried(lang, ["reprocess", "--try", "--topics", str(file), *limits])

    def _tried(self, lang: Language, arguments: list[str]) -> TrialReport:
        words, limit = Words(lang), TRY_SECONDS + TRY_START
        if not self._room.acquire(timeout=TRY_START):
            raise ConfigError(words("trial.busy"))
        try:
            done = self._command(lang, arguments, limit)
            return msgspec.json.decode(done.stdout, type=TrialReport)
        except subprocess.TimeoutExpired as error:
            raise ConfigError(words("trial.late")) from error
        except msgspec.DecodeError as error:
            raise ConfigError(_last_line(done.stderr) or words("set.visit.failed")) from error
        finally:
            self._room.release()

    def _command(
        self, lang: Language, arguments: list[str], seconds: float
    ) -> "subprocess.CompletedProcess[bytes]":
        """Run a command of ours on this home. Raises TimeoutExpired."""
        return subprocess.run(  # noqa: S603 - our own command
            own_module("crawler", "--home", self.home.path, "--lang", lang, *arguments),
            capture_output=True, timeout=seconds, stdin=subprocess.DEVNULL, check=False,
            env=own_environment(**{PARENT: str(os.getpid())}), start_new_session=True,
        )  # fmt: skip

    def _start(self, job: Job, lang: Language, arguments: list[str]) -> Job:
        ended = threading.Event()
        self._jobs[job.id] = (job, ended)
        while len(self._jobs) > KEPT:
            del self._jobs[next(iter(self._jobs))]
        threading.Thread(target=self._visit, args=(job, ended, arguments, lang), daemon=True).start()
        return job

    def _visit(self, job: Job, ended: threading.Event, arguments: list[str], lang: Language) -> None:
        """Run the command and read what it found; whatever happens, the visit ends."""
        try:
            with self._room:
                done = self._command(lang, arguments, LIMIT)
            _take(job, done.stdout, done.stderr, Words(lang))
        except subprocess.TimeoutExpired:
            job.problem = Words(lang)("set.visit.late", minutes=int(LIMIT // 60))
        except Exception as error:  # noqa: BLE001 - the page must hear of it, whatever it was
            job.problem = f"{type(error).__name__}: {error}"
        finally:
            job.done = True
            ended.set()


def _last_line(error: bytes) -> str:
    """What a command said last of what went wrong; '' for nothing."""
    lines = error.decode(errors="replace").strip().splitlines()
    return lines[-1].removeprefix("diemtin: ") if lines else ""


def _take(job: Job, out: bytes, error: bytes, words: Words) -> None:
    """What a command printed: what it found as JSON, or a line of what went wrong."""
    try:
        found: Any = json.loads(out)
    except json.JSONDecodeError:
        job.problem = _last_line(error) or words("set.visit.failed")
        return
    if job.kind == "add":
        job.new = msgspec.convert(found, NewSource)
        return
    one = found[0]
    job.checked = CheckedSource(
        one["source"], one["name"], one["state"], one["sentence"], one["notes"], one["requests"]
    )
