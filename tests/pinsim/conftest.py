import pytest

from tests.pinsim.stage import Stage


@pytest.fixture
def stage() -> Stage:
    return Stage()
