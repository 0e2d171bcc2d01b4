from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.stage import Api
from tests.support.rig import Rig, rig


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Rig]:
    """An installation on SQLite."""
    with rig(f"sqlite:///{tmp_path / 'test.db'}", tmp_path) as made:
        yield made


@pytest.fixture
def api(small: Rig) -> Api:
    return Api(small)


@pytest.fixture
def both(home: Rig) -> Api:
    """The API on each database."""
    return Api(home)
