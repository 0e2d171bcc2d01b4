"""Trouble of one Connection: it breaks for a cause, what changed about its account is told, and it is whole again.

    breaks, tells (transaction of a holder)      -> an incident of this Connection and its cause, one Alert
    mended, scopes_told                          -> the incident closes; `resuming` lets go on what was held for exactly this
    over (a reconnect, a disconnect)             -> the incident closes

Whoever sees the same again opens nothing and tells nobody twice.
"""

from __future__ import annotations

from collections.abc import Collection

from steadypin.domain.accounts import Broken, Change, Effect, lacking_for_pins
from steadypin.domain.connections import AlertKind, Connection, Went, restored
from steadypin.domain.failures import Failure
from steadypin.domain.incidents import IncidentKind
from steadypin.domain.native import Native
from steadypin.domain.pins import Trouble
from steadypin.domain.scopes import named_scopes
from steadypin.domain.words import Cause, Remedy, Step
from steadypin.services import alerting, look_ahead, resuming
from steadypin.services.context import Context
from steadypin.storage import accounts, connections, incidents
from steadypin.storage.database import Tx
from steadypin.storage.incidents import Incident


def breaks(
    ctx: Context, tx: Tx, connection_id: str, why: Broken, *, version: int, native: Native | None = None
) -> None:
    """Nothing can be done for this Connection any more, as far as its Grant of this version goes. Told once."""
    if not connections.mark_broken(tx, connection_id, why.because, version=version, broken=why):
        return
    connection = connections.get(tx, connection_id)
    if connection is None:
        return
    look_ahead.look_anew(tx, connection_id)
    told = Change.of_break(why, f"The connection to {connection.username} is broken: {why.because}")
    if _opens(ctx, tx, connection, told, native):
        alerting.tell(ctx.alerts, tx, connection_id, AlertKind.BROKEN)


def breaks_by(ctx: Context, tx: Tx, connection_id: str, failure: Failure, *, version: int) -> None:
    """The same because of a refusal."""
    why = Broken(failure.title, failure.cause, failure.remedy, failure.rule, failure.fix)
    breaks(ctx, tx, connection_id, why, version=version, native=failure.native)


def tells(ctx: Context, tx: Tx, connection: Connection, change: Change, native: Native | None = None) -> None:
    """Something about its account is different. What is followed is over at once; the rest stands until it is healed."""
    if _opens(ctx, tx, connection, change, native):
        look_ahead.look_anew(tx, connection.id)
        alerting.tell(ctx.alerts, tx, connection.id, AlertKind.CHANGED, change)


def scopes_told(ctx: Context, tx: Tx, connection_id: str, change: Change | None) -> None:
    """What a renewed Grant names: `change` is what is missing, None: nothing that a Pin needs. A Connection that a refusal
    broke for a scope stays so: that scope was named before, too."""
    connection = connections.get(tx, connection_id)
    if connection is None:
        return
    if change is not None:
        tells(ctx, tx, connection, change)
    elif connection.broken is not None and connection.broken.cause is Cause.SCOPE:
        return
    elif _close(tx, connection, [Cause.SCOPE]) and lacking_for_pins("", connection.scopes) is None:
        look_ahead.look_anew(tx, connection_id)
        went = resuming.healed(ctx, tx, connection, [Cause.SCOPE])
        if went != Went():
            ctx.alerts.tell(tx, restored(connection, went))


def mended(ctx: Context, tx: Tx, connection: Connection) -> None:
    """The account reads right again, which contradicts whatever stood against it; only a scope that is missing stands on."""
    _close(tx, connection, resuming.HEALED)
    broken = connection.broken
    if broken is None:
        return
    look_ahead.look_anew(tx, connection.id)
    accounts.mend(tx, connection.id, access_works=broken.cause is Cause.TOKEN)
    alerting.watch(tx, connection.id)
    went = resuming.healed(ctx, tx, connection)
    whole = connections.get(tx, connection.id)
    if whole is not None:
        ctx.alerts.tell(tx, restored(whole, went))


def over(tx: Tx, connection_id: str) -> None:
    """It was given access anew, or given up: nothing stands against the account any more."""
    for each in incidents.open_of(tx, connection_id):
        incidents.close(tx, each.id)
    look_ahead.look_anew(tx, connection_id)


def trouble(why: Broken | Change) -> Trouble:
    """What a Pin says that is held because of it."""
    title = why.because if isinstance(why, Broken) else why.title
    remedy = why.remedy or Remedy.RECONNECT
    return Trouble(Step.TOKEN_AND_SCOPES, why.cause, remedy, why.fix, title, why.rule)


def _opens(ctx: Context, tx: Tx, connection: Connection, told: Change, native: Native | None) -> bool:
    """Whether this is news. Another trouble of the same cause takes the place of the one before."""
    known = [each for each in incidents.open_of(tx, connection.id) if each.cause is told.cause]
    if any((each.rule, each.title) == (told.rule, told.title) for each in known):
        return False
    for each in known:
        incidents.close(tx, each.id)
    opened = Incident(
        id=ctx.new_id("inc", tx.now),
        kind=IncidentKind.CONNECTION,
        environment=connection.environment,
        cause=told.cause,
        rule=told.rule,
        title=told.title,
        native=native.to_json() if native is not None else None,
        opened_at=tx.now,
        probe_at=tx.now,
        probes=0,
        closed_at=tx.now if told.effect is Effect.FOLLOWED else None,
        connection_id=connection.id,
        fix=told.fix,
        by_itself=told.by_itself,
    )
    return incidents.open_one(tx, opened)


def _close(tx: Tx, connection: Connection, causes: Collection[Cause]) -> bool:
    """Close what is open for these causes, a missing scope only once it is granted; False when nothing was."""
    found = [
        each
        for each in incidents.open_of(tx, connection.id)
        if each.cause in causes
        and (each.cause is not Cause.SCOPE or named_scopes(each.title) <= connection.scopes)
    ]
    for each in found:
        incidents.close(tx, each.id)
    return bool(found)
