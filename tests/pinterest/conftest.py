"""A picture to send."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A file of one megabyte."""
    path = tmp_path / "picture"
    path.write_bytes(bytes(range(256)) * 4096)
    return path
