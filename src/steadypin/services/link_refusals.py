"""What one refused link teaches about the others: Pinterest blocks websites, so every Pin that leads to one is at risk.

a create is refused for its website -> noted, its other Pins judged anew        one is made -> forgotten, judged anew
"""

from __future__ import annotations

from steadypin.domain.failures import Failure
from steadypin.domain.link_refusals import FORGOTTEN_AFTER, blames_the_site
from steadypin.domain.pins import Pin
from steadypin.domain.preflight import site_of
from steadypin.services import look_ahead
from steadypin.services.context import Context
from steadypin.storage import preflights, refused_sites
from steadypin.storage.database import Tx


def after_create(ctx: Context, tx: Tx, pin: Pin, failure: Failure | None) -> None:
    """A create has ended: `failure` is why it was refused, None when the Pin is live. The caller has locked the Lane."""
    site = site_of(pin.content.link)
    if not site:
        return
    if failure is not None:
        if not blames_the_site(failure):
            return
        refused_sites.forget_before(tx, tx.now - FORGOTTEN_AFTER)
        refused_sites.note(tx, site, failure.rule, failure.native.to_json())
    elif not ctx.refused_sites.has(tx, site, ctx.clock.boot()) or not refused_sites.forget(tx, site):
        return
    ctx.refused_sites.changed()
    look_ahead.look_at_all(tx, preflights.ask_sharing(tx, site=site))
