"""Stores on both databases."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from steadypin.storage.database import Store
from tests.storage import rows
from tests.support.clock import VirtualClock
from tests.support.rig import make_store


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(rows.NOW)


@pytest.fixture
def store(url: str, clock: VirtualClock) -> Iterator[Store]:
    """A store whose database clock is `clock`, with one Connection."""
    made = make_store(url, clock)
    rows.with_instance(made)
    rows.connect(made)
    yield made
    made.close()
