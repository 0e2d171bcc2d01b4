"""The settings of this run, and the API behind them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from steadypin.settings import Settings, load

if TYPE_CHECKING:
    from steadypin.cli.client import Client


def current() -> Settings:
    """The settings in the environment. Raises SettingsError."""
    return load(os.environ)


@contextmanager
def api() -> Iterator[Client]:
    """The API of this installation, running or hosted here."""
    from steadypin.cli.client import reach

    with reach(current()) as client:
        yield client
