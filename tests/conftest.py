"""Fixtures of more than one test module: the sample press on a fixed morning."""

from collections.abc import Iterator

import pytest

from crawler.demo import DemoPress
from tests.wire import NOW

CLOCKS = {"datetime", "utc_now", "HANOI", "NOW", "NOON", "DemoPress", "Newsroom", "diemtin"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as ``clock`` whatever knows dates or runs the product; browsers do not bear a shifted clock."""
    for item in items:
        module = item.getparent(pytest.Module)
        known = module is not None and CLOCKS & vars(module.obj).keys()
        if known and "browser" not in item.path.parts and not item.get_closest_marker("timeless"):
            item.add_marker("clock")


@pytest.fixture
def press() -> Iterator[DemoPress]:
    with DemoPress(NOW) as running:
        yield running


@pytest.fixture(scope="module")
def quiet() -> Iterator[DemoPress]:
    """A press shared by tests that set nothing off that another test looks at."""
    with DemoPress(NOW) as running:
        yield running
