"""Waiting for what another thread or process does in its own time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any


def until(look: Callable[[], Any], patience_s: float = 15) -> Any:
    """What `look` answers as soon as it is true; fails when it does not become so."""
    ends = time.monotonic() + patience_s
    while not (found := look()):
        assert time.monotonic() < ends, "it did not happen"
        time.sleep(0.05)
    return found
