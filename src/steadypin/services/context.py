"""What every use case works with; made once by bootstrap and handed down."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from steadypin.domain.pacing.day import Limits
from steadypin.domain.times import Clock
from steadypin.domain.verdicts import Policy
from steadypin.pinterest.client import Pinterest
from steadypin.pinterest.wire import Hosts
from steadypin.services.alerting import AlertChannel, LoggedAlerts
from steadypin.storage.database import Store
from steadypin.storage.media_files import MediaFiles
from steadypin.storage.refused_sites import KnownSites
from steadypin.storage.seal import Seal

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


@dataclass(frozen=True, slots=True)
class App:
    """The operator's Pinterest app; None where it was not set."""

    id: str | None
    secret: str | None = field(repr=False)
    redirect_uri: str


@dataclass(frozen=True, slots=True)
class Context:
    """The concrete things behind the use cases. `new_id(prefix, now)` makes ids that sort by time. `limits` hold for
    every account that has none of its own; `access_tier` is what the operator says about the App, None: find out.
    `may_be_private`: hosts of links that the operator lets be private."""

    store: Store
    files: MediaFiles
    seal: Seal
    hosts: Hosts
    app: App
    clock: Clock
    policy: Policy
    lease: timedelta
    worker: str
    new_id: Callable[[str, datetime], str]
    jitter: Callable[[], float]
    limits: Limits
    access_tier: str | None = None
    link_marker: bool = False
    alerts: AlertChannel = field(default_factory=LoggedAlerts)
    may_be_private: Callable[[str], bool] = lambda host: False
    refused_sites: KnownSites = field(default_factory=KnownSites)


@dataclass(frozen=True, slots=True)
class Wired:
    """A Context that can talk to Pinterest: what the holder of a Lane works with."""

    ctx: Context
    pinterest: Pinterest


def sortable_id(prefix: str, now: datetime) -> str:
    """`prefix_` and 26 letters: milliseconds since 1970, then 80 random bits."""
    number = int(now.timestamp() * 1000) << 80 | secrets.randbits(80)
    letters = []
    for _ in range(26):
        letters.append(_ALPHABET[number & 31])
        number >>= 5
    return f"{prefix}_{''.join(reversed(letters))}"
