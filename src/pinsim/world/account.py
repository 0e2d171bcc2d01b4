"""Account: one person's or business's presence in one environment."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field


@dataclass(slots=True)
class Account:
    """`person` never changes and is the same in production and sandbox; `id` and `username` are Pinterest's."""

    person: str
    id: str
    username: str
    account_type: str = "BUSINESS"
    access: str = ""
    """A tier that overrides the app's for this account, so that one app can show both; empty for none."""
    business_name: str | None = None
    website_url: str = ""
    about: str = ""
    suspended: bool = False
    """Pinterest closed it."""
    deactivated: bool = False
    """Its own person closed it, for now."""
    blocked_until: float = float("-inf")
    """Until then its new Pins are refused as spam."""
    recent_creates: deque[float] = field(default_factory=deque)
    """When its latest Pins were made, as far as spam is watched for."""
