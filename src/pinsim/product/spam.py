"""Spam: an account that publishes too fast is kept from it for hours, as the spam switches say.

Nothing but creating Pins is refused, and the rate limit headers go on as if nothing were: waiting for their
reset does not help.
"""

from __future__ import annotations

from pinsim import refusals
from pinsim.product.call import Call

_LONGEST_S = 86_400
"""Trying early prolongs a block to a day from the try at most: the help centre knows blocks of up to 24 hours."""


def check(call: Call) -> None:
    """Refuse a new Pin of a blocked account, and prolong the block."""
    account, now = call.account, call.now
    if now >= account.blocked_until:
        return
    prolonged = min(account.blocked_until + call.switches.spam_early_s, now + _LONGEST_S)
    account.blocked_until = max(account.blocked_until, prolonged)
    raise refusals.spam_blocked(account.blocked_until - now)


def note(call: Call) -> None:
    """Count a Pin that was made; too many of them block the account."""
    account, switches = call.account, call.switches
    if not switches.spam_creates:
        return
    recent = account.recent_creates
    recent.append(call.now)
    while recent[0] <= call.now - switches.spam_within_s:
        recent.popleft()
    if len(recent) >= switches.spam_creates:
        account.blocked_until = call.now + switches.spam_block_s
        recent.clear()
