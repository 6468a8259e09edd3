"""The config that travels with the work: a worker reads pages by its keeper's rules and has none of its own.

Only what pages are read with goes out; digests, their channels and passwords stay at home.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from archive.home import Home
from archive.i18n import current
from crawler.cluster import keys
from crawler.cluster.broker import Broker, BrokerFault
from crawler.cluster.wire import Foreign, pack, read
from crawler.sources import Sources, home_sources, sources_folder
from pipelines.item import Context, ContextFiles

FILES = ("sources.yml", "places.yml", "topics.yml", "indicators.yml")
STAYS = 7 * 86_400  # seconds that a config is kept after work was given out with it
LARGEST = 20_000_000  # bytes


def publish(broker: Broker, home: Home) -> str:
    """Put the config of a home where workers find it; its mark."""
    files = {name: home.config(name).read_bytes() for name in FILES}
    files |= {f"sources.d/{file.name}": file.read_bytes() for file in sources_folder(home).glob("*.yml")}
    packed = pack(dict(sorted(files.items())))
    mark = hashlib.sha256(packed).hexdigest()[:24]
    if not broker.redis.expire(keys.config_of(mark), STAYS):
        broker.redis.set(keys.config_of(mark), packed, ex=STAYS)
    return mark


@dataclass(frozen=True, slots=True)
class WorkerConfig:
    """A config as a worker uses it."""

    sources: Sources
    files: ContextFiles
    context: Context


def load(broker: Broker, mark: str, folder: Path) -> WorkerConfig:
    """The config of a mark, its files in ``folder``; raises BrokerFault where it is not there or is none."""
    packed = broker.redis.get(keys.config_of(mark))
    if packed is None or hashlib.sha256(packed).hexdigest()[:24] != mark:
        raise BrokerFault(current()("cluster.no_config", mark=mark[:24]))
    try:
        files = read(packed, dict[str, bytes], LARGEST)
    except Foreign as error:
        raise BrokerFault(current()("cluster.no_config", mark=mark[:24])) from error
    try:
        for name, body in files.items():
            _write(folder / "config", PurePosixPath(name), body)
    except (OSError, ValueError) as error:  # a full disk, a name that none can have
        raise BrokerFault(current()("cluster.unwritten", mark=mark, why=error)) from error
    home = Home(folder)
    sources = home_sources(home)
    context_files = ContextFiles.of(home, sources.families)
    return WorkerConfig(sources, context_files, context_files.load())


def _write(folder: Path, name: PurePosixPath, body: bytes) -> None:
    """Write one file of a config; a name that leads elsewhere is refused."""
    known = str(name) in FILES or (name.parent == PurePosixPath("sources.d") and name.suffix == ".yml")
    if not known:
        raise BrokerFault(current()("cluster.no_config", mark=str(name)[:60]))
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)
