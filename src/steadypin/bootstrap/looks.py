"""A look at a file or an address without an installation: no database, no data folder, no key."""

from __future__ import annotations

import asyncio
from pathlib import Path

from steadypin.probe.fetch import Fetcher
from steadypin.probe.guard import Guard
from steadypin.services import media_look
from steadypin.services.media_look import Look
from steadypin.settings import Settings


def look_at_media(settings: Settings, source: str) -> Look:
    """Look at a path, or at an http or https address. Raises OSError when a file cannot be read."""
    if "://" not in source:
        return media_look.look_at_file(Path(source))

    async def ask() -> Look:
        async with Fetcher(Guard(settings.fetch_allow)) as fetcher:
            return await media_look.look_at_address(fetcher, source)

    return asyncio.run(ask())
