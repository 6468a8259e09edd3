"""Fixtures of more than one test module: the sample press on a fixed morning."""

from collections.abc import Iterator

import pytest

from crawler.demo import DemoPress
from tests.wire import NOW


@pytest.fixture
def press() -> Iterator[DemoPress]:
    with DemoPress(NOW) as running:
        yield running


@pytest.fixture(scope="module")
def quiet() -> Iterator[DemoPress]:
    """A press shared by tests that set nothing off that another test looks at."""
    with DemoPress(NOW) as running:
        yield running
