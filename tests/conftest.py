"""Fixtures of more than one test module; and quicker tests: files in memory, templates compiled once."""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jinja2
import pytest
from datasette import hookimpl
from datasette.plugins import pm

from archive.desk import passwords
from archive.i18n import choose
from crawler.cli import LANGUAGE_VARIABLE
from crawler.demo import DemoPress
from tests.wire import NOW

CLOCKS = {"datetime", "utc_now", "HANOI", "NOW", "NOON", "DemoPress", "Newsroom", "diemtin"}


LONGEST = {"test_up.py", "test_walk.py", "test_messages.py"}
MEMORY = Path("/dev/shm")  # noqa: S108 - pytest makes folders of its own in it
if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > 4 << 30:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))  # hundreds of databases wait for no disk


@pytest.fixture(autouse=True)
def language_chosen() -> Iterator[None]:
    """A command that a test calls in its own process leaves its ``--lang`` to no other test."""
    yield
    os.environ.pop(LANGUAGE_VARIABLE, None)
    choose(None)


@pytest.fixture
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes that take no quarter of a second."""
    monkeypatch.setattr(passwords, "COSTS", (16, 8, 1))


class Compiled(jinja2.BytecodeCache):
    """Compiled templates: every Datasette of a test compiles its own otherwise."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], bytes] = {}

    def get_bucket(
        self, environment: jinja2.Environment, name: str, filename: str | None, source: str
    ) -> jinja2.bccache.Bucket:
        """Our pages and Datasette's own compile the same template in two ways."""
        way = f"{name}:{environment.is_async}"
        return super().get_bucket(environment, way, filename, source)

    def load_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        if kept := self.kept.get((bucket.key, bucket.checksum)):
            bucket.bytecode_from_string(kept)

    def dump_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        self.kept[bucket.key, bucket.checksum] = bucket.bytecode_to_string()


COMPILED = Compiled()


@hookimpl
def prepare_jinja2_environment(env: jinja2.Environment) -> None:
    env.bytecode_cache = COMPILED


pm.register(sys.modules[__name__], name="tests-compiled")
pm.set_blocked("mcp")  # see tests/__init__.py


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as ``clock`` whatever knows dates or runs the product; browsers do not bear a shifted clock.

    The longest modules come first, so that no worker waits for another one at the end.
    """
    items.sort(key=lambda item: item.path.name not in LONGEST)
    for item in items:
        module = item.getparent(pytest.Module)
        known = module is not None and CLOCKS & vars(module.obj).keys()
        if known and "browser" not in item.path.parts and not item.get_closest_marker("timeless"):
            item.add_marker("clock")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Each worker has a row of whole modules, for which things are made once; who is done takes over."""
    from xdist.scheduler import WorkStealingScheduling

    return WorkStealingScheduling(config, log) if config.getoption("dist") == "load" else None


@pytest.fixture
def press() -> Iterator[DemoPress]:
    with DemoPress(NOW) as running:
        yield running


@pytest.fixture(scope="module")
def quiet() -> Iterator[DemoPress]:
    """A press shared by tests that set nothing off that another test looks at."""
    with DemoPress(NOW) as running:
        yield running
