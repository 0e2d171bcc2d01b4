"""Step 2: whether the account will let the Pin through at its time."""

from __future__ import annotations

from collections.abc import Iterable

from steadypin.domain.connections import Connection, day
from steadypin.domain.findings import Finding, Level
from steadypin.domain.operations import PIN_CREATE, missing_scopes
from steadypin.domain.preflight.facts import Facts
from steadypin.domain.words import Cause, Remedy

SANDBOX = "sandbox"


def account_findings(facts: Facts) -> Iterable[Finding]:
    """The Connection as it stands, and as it will stand when the Pin is due."""
    if facts.account is None:
        yield Finding(
            "connection",
            Level.BLOCKER,
            "There is no such connection.",
            "Choose one of `steadypin connections`, or connect the account.",
            Cause.TOKEN,
            Remedy.FIX_INPUT,
        )
        return
    connection = facts.account.connection
    yield from _state(connection)
    yield from _end(connection, facts)
    yield from _scopes(connection)
    if facts.account.tier == "trial" and connection.environment != SANDBOX:
        yield Finding(
            "access_tier",
            Level.BLOCKER,
            "The App has Trial access, with which Pinterest refuses every Pin in production.",
            "The operator asks Pinterest for Standard access; until then Pins can be tried in the sandbox.",
            Cause.ACCESS_TIER,
            Remedy.OPERATOR,
        )


def _state(connection: Connection) -> Iterable[Finding]:
    name = connection.username
    if connection.disconnected_at is not None:
        yield _reconnect("connection", f"{name} is disconnected.", name)
    elif connection.broken_because is not None:
        title, broken = f"The connection to {name} is broken: {connection.broken_because}.", connection.broken
        if broken is None:
            yield _reconnect("connection", title, name)
        else:
            yield Finding("connection", Level.BLOCKER, title, broken.fix, broken.cause, broken.remedy)
    elif connection.paused_at is not None:
        yield Finding(
            "paused",
            Level.WARNING,
            f"{name} is paused, so nothing goes out.",
            f"Resume it before the time of this Pin: `steadypin resume {connection.id}`.",
            Cause.ACCOUNT,
            Remedy.FIX_INPUT,
        )


def _end(connection: Connection, facts: Facts) -> Iterable[Finding]:
    if (
        connection.disconnected_at is not None
        or connection.broken_because is not None
        or facts.due_at is None
    ):
        return
    due = max(facts.due_at, facts.now)
    if connection.ends_because is not None and connection.access_expires_at <= due:
        certain = connection.renewal_ended_at is not None or not connection.renewable
        yield Finding(
            "connection_ends",
            Level.BLOCKER if certain else Level.WARNING,
            f"The connection to {connection.username} ends on {day(connection.ends_at)}, before this Pin is due.",
            f"Connect the Pinterest account {connection.username} again before then. {connection.ends_because}",
            Cause.TOKEN,
            Remedy.RECONNECT,
            {"ends_at": connection.ends_at.isoformat()},
        )


def _scopes(connection: Connection) -> Iterable[Finding]:
    lacking = missing_scopes(connection.scopes, PIN_CREATE.scopes) if connection.scopes else ()
    if lacking:
        yield Finding(
            "scopes",
            Level.BLOCKER,
            f"Pinterest was not allowed to give {', '.join(lacking)}, without which no Pin can be published.",
            f"Connect the Pinterest account {connection.username} again and leave every box ticked.",
            Cause.SCOPE,
            Remedy.RECONNECT,
            {"missing": list(lacking)},
        )


def _reconnect(check: str, title: str, username: str) -> Finding:
    fix = f"Connect the Pinterest account {username} again; its Pins then go on by themselves."
    return Finding(check, Level.BLOCKER, title, fix, Cause.TOKEN, Remedy.RECONNECT)
