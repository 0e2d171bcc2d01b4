"""A connected account."""

from __future__ import annotations

import pytest

from steadypin.domain.connections import Connection
from tests.support.rig import Rig


@pytest.fixture
def shop(home: Rig) -> Connection:
    """spring_shop, with its boards read."""
    return home.connect()
