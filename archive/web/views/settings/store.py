"""Save what a form of settings says: checked by its file's reader, noted in the log, never over another."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import closing
from itertools import zip_longest
from pathlib import Path
from typing import Any

import yaml
from datasette.utils.asgi import NotFound

from archive.config import ConfigError
from archive.config_edit import ConfigFile, open_config, save_config
from archive.db import writing
from archive.desk import log
from archive.desk.db import open_desk
from archive.digests.config import Alerts, load_alerts
from archive.home import Held, Home
from archive.reasons import parse, reason
from archive.web.request import PageRequest

ALERTS, TOPICS = "alerts.yml", "topics.yml"
SOURCES = "sources.d/settings.changes.yml"  # no key of a source has a dot

Change = Callable[[dict[str, Any]], object]


def home_of(req: PageRequest) -> Home:
    """The home that is served; raises NotFound where there is none to keep settings in."""
    if req.site.home is None:
        raise NotFound("no home to keep settings in")
    return req.site.home


async def opened(req: PageRequest, name: str) -> ConfigFile:
    """A config file as it stands now."""
    return await asyncio.to_thread(open_config, home_of(req), name)


async def save(req: PageRequest, name: str, version: str, change: Change, what: str) -> None:
    """Change a config file and note it.

    ``what`` is the log's stored reason. Raises ChangedMeanwhile, or ConfigError for what the reader refuses.
    """
    await asyncio.to_thread(_save, req, name, version, change, what)


def _save(req: PageRequest, name: str, version: str, change: Change, what: str) -> None:
    home = home_of(req)
    before, data = open_config(home, name).data, open_config(home, name).data
    change(data)
    try:
        kept = save_config(home, name, version, data, _check_of(req, home, name), req.now)
    except Held as error:
        raise ConfigError(str(error)) from error
    if kept:
        note(req, what, differences(before, data))
        if name in (ALERTS, TOPICS):
            _match_rules(req)


def _match_rules(req: PageRequest) -> None:
    """Let the open windows see what was saved; whatever goes wrong here, ``up`` does it within a minute."""
    try:
        if req.site.crawling:
            req.site.crawling.match_rules()
    except Exception:
        logging.getLogger(__name__).exception("rules are matched later")


def _check_of(req: PageRequest, home: Home, name: str) -> Callable[[Path], object]:
    if name == ALERTS:
        return lambda path: check_alerts(req, home, path)
    crawling = req.site.crawling
    if crawling is None:
        raise NotFound("nothing crawls for this archive")
    return crawling.check_topics if name == TOPICS else crawling.check_sources


def check_alerts(req: PageRequest, home: Home, path: Path) -> None:
    """Raise ConfigError for what is wrong in an alerts.yml and was not so before."""
    known = {problem.reason for problem in load_digests(req).problems}
    alerts = load_alerts(path, places=req.site.places, topics=topic_names(home), lexicon=req.site.lexicon)
    for problem in alerts.problems:
        if problem.reason not in known:
            raise ConfigError(str(problem))


def load_digests(req: PageRequest) -> Alerts:
    """The digests of the home."""
    home = home_of(req)
    return load_alerts(
        home.config(ALERTS), places=req.site.places, topics=topic_names(home), lexicon=req.site.lexicon
    )


def topic_names(home: Home) -> dict[str, str]:
    """The topics of a home: key and name."""
    blocks = open_config(home, TOPICS).data.get("topics") or {}
    return {str(key): str(block.get("name", key)) for key, block in blocks.items() if isinstance(block, dict)}


def note(req: PageRequest, what: str, changes: dict[str, list[str]]) -> None:
    """Write into the log who changed what, with the values before and after."""
    code, params = parse(what)
    with closing(open_desk(home_of(req).desk_db)) as desk, writing(desk):
        log.write(desk, reason(code, **params, changes=changes), by=req.user.name, now=req.now)


_SECRETS = {"password", "url", "headers", "user"}
_LONGEST = 500  # characters of a value in the log


def differences(before: Any, after: Any, at: str = "") -> dict[str, list[str]]:
    """What changed, by its place: the value before and after, secrets left out."""
    if isinstance(before, dict) and isinstance(after, dict):
        places = [(key, before.get(key), after.get(key)) for key in {**before, **after}]
    elif isinstance(before, list) and isinstance(after, list) and _are_blocks([*before, *after]):
        places = [(n, *pair) for n, pair in enumerate(zip_longest(before, after))]
    else:
        return {} if before == after else {at: [_shown(at, before), _shown(at, after)]}
    changed: dict[str, list[str]] = {}
    for key, one, other in places:
        changed |= differences(one, other, f"{at}.{key}" if at else str(key))
    return changed


def _are_blocks(items: list[Any]) -> bool:
    return bool(items) and all(isinstance(one, dict) for one in items)


def _shown(at: str, value: Any) -> str:
    """A value as the log keeps it; a whole block without what may be secret in it."""
    if value is None:
        return ""
    if at.rpartition(".")[2] in _SECRETS and not str(value).startswith("${"):
        return "…"
    return (
        yaml.safe_dump(_without_secrets(value), allow_unicode=True, default_flow_style=True, width=10**9)[
            :_LONGEST
        ]
        .removesuffix("\n...\n")
        .strip()
    )


def _without_secrets(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: "…" if key in _SECRETS and one and not str(one).startswith("${") else _without_secrets(one)
            for key, one in value.items()
        }
    return [_without_secrets(one) for one in value] if isinstance(value, list) else value
