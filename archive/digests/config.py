"""Alert rules as alerts.yml holds them: digests with their queries, schedule and channels."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from zoneinfo import ZoneInfo

import msgspec
import yaml

from archive import query
from archive.config import ConfigError, as_block, load_yaml, loader, unknown_name
from archive.digests.channels import Channel, as_channels
from archive.digests.paper.names import FILE_NAME, check_file_name
from archive.digests.paper.office import Office
from archive.digests.schedule import Review, Schedule, parse_review, parse_schedule
from archive.i18n import current
from archive.reasons import reason

if TYPE_CHECKING:
    from archive.places.gazetteer import Gazetteer
    from archive.query.lexicon import Lexicon

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,40}")
DEFAULTS_BLOCK = "defaults"


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How an edition is made.

    ``relevant_only``: leave out what was not judged relevant to the province, though a rule matched it;
    ``mentions``: what only mentions the province and is told in no section gets a line at the end (``lines``);
    ``stale_hours``: without a good crawl for that long, readers are warned; ``fresh_days``: what was published
    so long before the window is listed apart, as old news only seen now; ``marks``: what the rules matched is
    marked on paper too; ``file_name``: what its files are called, with {date}, {name} and {number}.
    """

    max_items: int = 40
    quiet: Literal["send", "skip"] = "send"
    working_days: bool = False
    relevant_only: bool = False
    mentions: Literal["lines", "none"] = "none"
    stale_hours: float = 6
    fresh_days: int = 7
    marks: bool = False
    burst: bool = False
    stop: str = reason("edition_stop")
    file_name: str = FILE_NAME

    def __post_init__(self) -> None:
        if self.max_items < 1 or self.fresh_days < 1 or self.stale_hours <= 0:
            raise ValueError(current()("config.digest.above_0"))
        check_file_name(self.file_name)


class _Defaults(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    archive_url: str = "http://127.0.0.1:8001"
    secrets: str = ""
    timezone: str = "Asia/Ho_Chi_Minh"
    office: dict[str, Any] = {}


class _DigestBlock(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    title: str
    queries: dict[str, str] = {}
    topics: tuple[str, ...] = ()
    schedule: str = "daily 07:00"
    review: str = "none"
    timezone: str = ""
    channels: list[dict[str, Any]] = []
    options: dict[str, Any] = {}
    office: dict[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Alert:
    """One rule of a digest; ``name`` is ``digest/rule`` and stands in the tables, ``label`` heads its part."""

    name: str
    label: str
    text: str
    query: query.Query
    topic: str | None = None


@dataclass(frozen=True, slots=True)
class Digest:
    """One digest: its rules, when it is made, who looks at it first, where it goes."""

    name: str
    title: str
    alerts: tuple[Alert, ...]
    schedule: Schedule
    channels: dict[str, Channel]
    options: Options
    archive_url: str
    review: Review = Review()  # noqa: RUF009 - frozen
    office: Office = Office()  # noqa: RUF009 - frozen


@dataclass(frozen=True, slots=True)
class Problem:
    """A rule that cannot be used, and why; the others go on."""

    file: Path
    line: int | None
    reason: str

    def __str__(self) -> str:
        line = current()("config.line", n=self.line) if self.line else ""
        return f"{self.file}{line}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Alerts:
    """All digests that can be used, and what was wrong with the others."""

    digests: dict[str, Digest]
    problems: list[Problem] = field(default_factory=list)
    secrets: Path | None = None

    @property
    def rules(self) -> dict[str, Alert]:
        return {alert.name: alert for digest in self.digests.values() for alert in digest.alerts}

    def digest(self, name: str) -> Digest:
        """Raises ConfigError naming the digests there are, or the problem with this one."""
        if name in self.digests:
            return self.digests[name]
        wrong = self.problem_with(name)
        raise ConfigError(str(wrong)) if wrong else unknown_name("digest", name, self.digests)

    def problem_with(self, name: str) -> Problem | None:
        """Why a digest of the file cannot be used; None where it can or is not there."""
        if name in self.digests:
            return None
        return next((p for p in self.problems if p.reason.startswith((f"{name}:", f"{name}."))), None)


def load_alerts(
    path: Path,
    *,
    places: "Gazetteer | None" = None,
    topics: Collection[str] | None = None,
    lexicon: "Lexicon | None" = None,
    strict: bool = False,
) -> Alerts:
    """The digests of an alerts.yml; ``topics``: the topic keys there are, checked where given.

    Rules are read as searches are: with ``lexicon``, what the archive knows of words.

    What is wrong with one rule or digest becomes a Problem with file and line, and the others stand.
    Raises ConfigError when the file as a whole cannot be read, and with ``strict`` for the first Problem.
    """
    return _Loader(path, places, topics, query.ReadAs(lexicon)).read(strict)


class _Loader:
    """Collects the digests of one file and the problems with them."""

    def __init__(
        self, path: Path, places: "Gazetteer | None", topics: Collection[str] | None, how: query.ReadAs
    ) -> None:
        self.path, self.places, self.topics, self.how = path, places, topics, how
        self.problems: list[Problem] = []
        self.defaults = _Defaults()

    def read(self, strict: bool) -> Alerts:
        data = load_yaml(self.path)
        self.defaults = as_block(self.path, DEFAULTS_BLOCK, data.pop(DEFAULTS_BLOCK, {}), _Defaults)
        zone(self.defaults.timezone, f"{self.path}: {DEFAULTS_BLOCK}.timezone")
        as_block(self.path, f"{DEFAULTS_BLOCK}.office", self.defaults.office, Office)
        digests = {str(name): self._digest(str(name), block) for name, block in data.items()}
        if strict and self.problems:
            raise ConfigError(str(self.problems[0]))
        secrets = Path(self.defaults.secrets).expanduser() if self.defaults.secrets else None
        return Alerts(_told_apart([one for one in digests.values() if one]), self.problems, secrets)

    def _digest(self, name: str, data: Any) -> Digest | None:
        try:
            if not _NAME.fullmatch(name):
                raise ConfigError(f"{self.path}: {name}: {current()('config.digest.name')}")
            block = as_block(self.path, name, data, _DigestBlock)
            options = as_block(self.path, f"{name}.options", block.options, Options)
            office = as_block(self.path, f"{name}.office", self.defaults.office | block.office, Office)
            channels = as_channels(self.path, f"{name}.channels", block.channels)
            schedule = self._schedule(name, block, options)
            review = self._review(name, block, schedule)
        except ConfigError as error:
            self._note(str(error))
            return None
        rules = self._rules(name, block)
        if not rules:
            self._note(f"{self.path}: {name}: {current()('config.digest.no_rule')}")
            return None
        url = (self.defaults.archive_url or _Defaults().archive_url).rstrip("/")
        title = " ".join(block.title.split())
        return Digest(name, title, rules, schedule, channels, options, url, review, office)

    def _schedule(self, name: str, block: _DigestBlock, options: Options) -> Schedule:
        where = f"{self.path}: {name}"
        tz = zone(block.timezone or self.defaults.timezone, f"{where}.timezone")
        try:
            return parse_schedule(block.schedule, tz, working_days=options.working_days)
        except ValueError as error:
            raise ConfigError(f"{where}.schedule: `{block.schedule}`: {error}") from error

    def _review(self, name: str, block: _DigestBlock, schedule: Schedule) -> Review:
        try:
            return parse_review(block.review, schedule)
        except ValueError as error:
            raise ConfigError(f"{self.path}: {name}.review: `{block.review}`: {error}") from error

    def _rules(self, digest: str, block: _DigestBlock) -> tuple[Alert, ...]:
        """Queries first, then topics, in the order of the file.

        A query that was understood only in part is used as understood, and named as a problem.
        """
        rules = []
        for label, text in block.queries.items():
            parsed = query.parse(text, self.places, self.how)
            if parsed.problem:
                self._note(f"{self.path}: {digest}.queries.{label}: {parsed.problem}")
            if not parsed.blank:
                rules.append(Alert(f"{digest}/{label}", label, text, parsed))
        for number, key in enumerate(block.topics):
            if self.topics is not None and key not in self.topics:
                known = ", ".join(sorted(self.topics))
                what = current()("config.digest.no_topic", name=key, known=known)
                self._note(f"{self.path}: {digest}.topics[{number}]: {what}")
            else:
                text = f"topic:{key}"
                rules.append(Alert(f"{digest}/{key}", key, text, query.parse(text, self.places), topic=key))
        return tuple(rules)

    def _note(self, message: str) -> None:
        reason = message.removeprefix(f"{self.path}: ")
        at = reason.partition(": ")[0]
        unknown_key = current()("config.unknown_key", name="\0", known="").partition("\0")[0]
        if unknown := reason.partition(unknown_key)[2]:
            at += f".{unknown.partition('`')[0]}"
        self.problems.append(Problem(self.path, line_of(self.path, at), reason))


def _told_apart(digests: list[Digest]) -> dict[str, Digest]:
    """The digests by name; whose files would be called as those of one before get its name added."""
    told, taken = {}, set[str]()
    for digest in digests:
        pattern = digest.options.file_name
        if pattern.lower() in taken and "{name}" not in pattern:
            options = msgspec.structs.replace(digest.options, file_name=f"{pattern}-{{name}}")
            digest = replace(digest, options=options)
        taken.add(pattern.lower())
        told[digest.name] = digest
    return told


def house_of(path: Path) -> tuple[str, Office]:
    """Where readers reach the archive, and whose it is, as an alerts.yml says of all digests.

    Raises ConfigError when it cannot be read.
    """
    defaults = as_block(path, DEFAULTS_BLOCK, load_yaml(path).get(DEFAULTS_BLOCK, {}), _Defaults)
    office = as_block(path, f"{DEFAULTS_BLOCK}.office", defaults.office, Office)
    return (defaults.archive_url or _Defaults().archive_url).rstrip("/"), office


def zone(name: str, where: str) -> ZoneInfo:
    """Raises ConfigError when there is no such time zone."""
    try:
        return ZoneInfo(name)
    except (ValueError, KeyError, OSError) as error:
        raise ConfigError(f"{where}: {current()('config.digest.no_zone', name=name)}") from error


def line_of(path: Path, dotted: str) -> int | None:
    """The line, from 1, of the deepest key of ``hang-ngay.channels[0].path`` that the file has."""
    try:
        node: yaml.Node | None = yaml.compose(path.read_text(encoding="utf-8"), Loader=loader())
    except yaml.YAMLError:
        return None
    line = None
    for key in re.findall(r"\[\d+\]|[^.\[\]]+", dotted):
        child = _child(node, key)
        if child is None:
            break
        line, node = child
    return line


def _child(node: yaml.Node | None, key: str) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            if name.value == key:
                return name.start_mark.line + 1, value
    if isinstance(node, yaml.SequenceNode) and key.startswith("["):
        item = node.value[int(key[1:-1])]
        return item.start_mark.line + 1, item
    return None
