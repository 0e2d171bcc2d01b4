"""Taking media in: stream the bytes into the media store, look at them, keep a record; refuse what Pinterest would."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Sequence
from dataclasses import dataclass

from steadypin.domain.errors import InputRefused, NotThere
from steadypin.domain.findings import Finding, refusals
from steadypin.probe.images import MOST_BYTES, probe_image, too_large
from steadypin.services.context import Context
from steadypin.storage import media
from steadypin.storage.database import Tx
from steadypin.storage.media import KeptMedia
from steadypin.storage.media_files import TooLarge

__all__ = ["Kept", "KeptMedia", "MediaRefused"]


class MediaRefused(InputRefused):
    """The file is none that Pinterest takes; `findings` says exactly why."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__(refusals("media", findings))
        self.findings = tuple(findings)


@dataclass(frozen=True, slots=True)
class Kept:
    """A file in the media store, and what was found when it was looked at."""

    media: KeptMedia
    findings: tuple[Finding, ...]


async def keep(ctx: Context, chunks: AsyncIterable[bytes], name: str | None) -> Kept:
    """Store a file of the user. Bytes that are known already keep their id. Raises MediaRefused, StoreTrouble."""
    try:
        digest, size = await ctx.files.take(chunks, MOST_BYTES)
    except TooLarge:
        raise MediaRefused([too_large(None)]) from None
    path = ctx.files.path(digest)
    probe = await asyncio.to_thread(probe_image, path)
    if not probe.publishable:
        with ctx.store.read() as tx:
            in_use = media.by_digest(tx, digest) is not None
        if not in_use:
            await asyncio.to_thread(path.unlink, missing_ok=True)
        raise MediaRefused(probe.findings)
    facts = probe.facts

    def record(tx: Tx) -> KeptMedia:
        new = KeptMedia(
            id=ctx.new_id("med", tx.now),
            digest=digest,
            content_type=facts.content_type,
            size=size,
            width=facts.width,
            height=facts.height,
            name=name,
            created_at=tx.now,
        )
        return media.add(tx, new)

    return Kept(await ctx.store.write_async(record), probe.findings)


def get(ctx: Context, media_id: str) -> KeptMedia:
    """One record. Raises NotThere."""
    with ctx.store.read() as tx:
        found = media.get(tx, media_id)
    if found is None:
        raise NotThere(f"There is no media {media_id}. Upload the file first.")
    return found
