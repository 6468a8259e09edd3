"""Fixtures of more than one test module: the sample press on a fixed morning."""

from collections.abc import Iterator

import pytest

from crawler.samplepress import SamplePress
from tests.wire import NOW


@pytest.fixture
def press() -> Iterator[SamplePress]:
    with SamplePress(NOW) as running:
        yield running


@pytest.fixture(scope="module")
def quiet() -> Iterator[SamplePress]:
    """A press shared by tests that set nothing off that another test looks at."""
    with SamplePress(NOW) as running:
        yield running
