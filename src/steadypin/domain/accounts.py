"""What Pinterest says about an account, against what was known: each difference as a Change with its consequence.

    read -> Account -> compare(known, seen) -> (Change, …)        refused(failure)  -> Change | None
    granted scopes  -> lacking, narrowed    -> Change | None      access_ended(…)   -> Change

A Change is a value: whoever reads the account follows it, tells it, or holds Pins because of it. None, or an empty tuple:
nothing follows.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from steadypin.domain import scopes
from steadypin.domain.failures import Failure
from steadypin.domain.operations import PIN_CREATE, USER_ACCOUNT, missing_scopes
from steadypin.domain.scopes import lacking_sentence
from steadypin.domain.words import Cause, Remedy

READ_EVERY = timedelta(days=1)
_LEAST_APART = timedelta(hours=12)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
WAITS = "account"
"""The list of waits in policy.toml after a read that told nothing."""


@dataclass(frozen=True, slots=True)
class Account:
    """What a read of the account says; a field that Pinterest left out is empty, and nothing is concluded from it."""

    id: str
    username: str
    account_type: str

    @classmethod
    def read(cls, data: Mapping[str, object]) -> Account | None:
        """From Pinterest's reply; None when it names nobody."""
        found = cls(*(_text(data.get(name)) for name in ("id", "username", "account_type")))
        return found if found.id or found.username else None


@dataclass(frozen=True, slots=True)
class Broken:
    """Why nothing can be done for a Connection, and who heals it."""

    because: str
    cause: Cause
    remedy: Remedy
    rule: str
    fix: str


class ChangeKind(StrEnum):
    """What is different."""

    ID = "id"
    USERNAME = "username"
    ACCOUNT_TYPE = "account_type"
    ACCESS_ENDED = "access_ended"
    CLOSED = "closed"
    REFUSED = "refused"
    STANDING = "standing"
    SCOPES = "scopes"
    APP = "app"


class Effect(StrEnum):
    """What follows: the stored fact follows it, people are told, Pins are held, or it is the operator's alone."""

    FOLLOWED = "followed"
    TOLD = "told"
    HELD = "held"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. Without a remedy there is nothing to heal. `names`: the scopes that are missing."""

    kind: ChangeKind
    effect: Effect
    cause: Cause
    remedy: Remedy | None
    rule: str
    title: str
    fix: str
    names: tuple[str, ...] = ()

    @classmethod
    def of_break(cls, why: Broken, title: str) -> Change:
        """A break as it is told."""
        return cls(ChangeKind.REFUSED, Effect.HELD, why.cause, why.remedy, why.rule, title, why.fix)

    @property
    def by_itself(self) -> str:
        """What Steadypin does about it."""
        return _BY_ITSELF[self.effect]


_BY_ITSELF = {
    Effect.FOLLOWED: "Steadypin has taken it over, and Pins go out as before.",
    Effect.TOLD: "Pins go out as before.",
    Effect.HELD: "Its Pins are held as they come due and keep everything; once this is healed they go on by themselves.",
    Effect.OPERATOR: "The account stays connected and is not blamed.",
}


def compare(known: Account, seen: Account) -> tuple[Change, ...]:
    """Every difference. Of another account nothing else is compared: its name is not ours to follow."""
    if seen.id and seen.id != known.id:
        return (_other_account(known, seen),)
    changes = []
    if seen.username and seen.username != known.username:
        changes.append(_renamed(known, seen))
    if seen.account_type and known.account_type and seen.account_type != known.account_type:
        changes.append(_of_another_type(known, seen))
    return tuple(changes)


def followed(known: Account, seen: Account) -> Account:
    """What is known from now on, unless it is another account."""
    return Account(known.id, seen.username or known.username, seen.account_type or known.account_type)


def _other_account(known: Account, seen: Account) -> Change:
    name = f"the account {seen.username}" if seen.username else "another account"
    return Change(
        ChangeKind.ID,
        Effect.HELD,
        Cause.ACCOUNT,
        Remedy.RECONNECT,
        "account-replaced",
        f"Pinterest says that the access to {known.username} now leads to {name}",
        f"Nothing is published to an account that nobody chose. Sign in to Pinterest as {known.username} and connect it "
        "again; to publish to the other account, connect that one as well.",
    )


def _renamed(known: Account, seen: Account) -> Change:
    return Change(
        ChangeKind.USERNAME,
        Effect.FOLLOWED,
        Cause.ACCOUNT,
        None,
        "account-renamed",
        f"The Pinterest account {known.username} is now called {seen.username}",
        "Nothing to do, if that was meant. If nobody of yours renamed it, look into the account on Pinterest.",
    )


def _of_another_type(known: Account, seen: Account) -> Change:
    lost = (
        "A personal account has no analytics, and Pinterest may refuse some functions to it; if that was not meant, "
        "convert it back at pinterest.com under Settings, Account management."
    )
    return Change(
        ChangeKind.ACCOUNT_TYPE,
        Effect.FOLLOWED,
        Cause.ACCOUNT,
        None,
        "account-type-changed",
        f"The Pinterest account {known.username} was {_type(known)} and is now {_type(seen)}",
        lost if seen.account_type == "PINNER" else "Nothing to do.",
    )


def _type(account: Account) -> str:
    words = {"BUSINESS": "a business account", "PINNER": "a personal account"}
    return words.get(account.account_type, f"of the type {account.account_type}")


def refused(username: str, failure: Failure) -> Change | None:
    """What a refused read of the account shows, after the token was renewed once where that may help.

    None for all that passes, and for what nobody knows: then nothing is concluded.
    """
    match failure.cause, failure.remedy:
        case _, Remedy.OPERATOR:
            return _of(failure, ChangeKind.APP, Effect.OPERATOR)
        case Cause.SCOPE, Remedy.RECONNECT:
            return lacking(username, failure.names or USER_ACCOUNT.scopes)
        case Cause.TOKEN, Remedy.RECONNECT:
            return access_ended(username, failure.title, failure.rule)
        case Cause.ACCOUNT, Remedy.RECONNECT:
            return _of(failure, ChangeKind.REFUSED, Effect.HELD)
        case Cause.ACCOUNT, Remedy.FIX_INPUT if failure.rule in _CLOSED:
            return _of(failure, ChangeKind.CLOSED, Effect.HELD)
        case Cause.ACCOUNT, Remedy.FIX_INPUT:
            return _of(failure, ChangeKind.STANDING, Effect.TOLD)
    return None


_CLOSED = frozenset({"account-deactivated"})
"""Refusals that name a closed account; others of the same cause concern shops or single functions."""
A_READ_HEALS = frozenset({"account-replaced", "account-refused", *_CLOSED})
"""Troubles with cause account that a good read of the account contradicts. One with cause token it always does."""


def names_a_closed_account(failure: Failure) -> bool:
    """Whether a refusal, of whatever call, says that the account itself is closed: a read of it shows whether it is so."""
    return failure.rule in _CLOSED


def _of(failure: Failure, kind: ChangeKind, effect: Effect) -> Change:
    told = (failure.cause, failure.remedy, failure.rule, failure.title, failure.fix)
    return Change(kind, effect, *told, names=failure.names)


def access_ended(username: str, title: str, rule: str) -> Change:
    """Pinterest accepts no token of this account any more, and does not say why."""
    return Change(
        ChangeKind.ACCESS_ENDED,
        Effect.HELD,
        Cause.TOKEN,
        Remedy.RECONNECT,
        rule,
        title,
        "Pinterest gives the same answer when the app was removed, the password changed, the session ended, or the account "
        f"deactivated or suspended. Sign in at pinterest.com as {username}: a closed account says so there and has to be "
        f"opened first. Then connect the Pinterest account {username} again; its Pins then go on by themselves.",
    )


def lacking(username: str, missing: tuple[str, ...]) -> Change:
    """These scopes are not granted. Without one that a create needs Pins are held, without any other they go out."""
    needed = [scope for scope in missing if scope in PIN_CREATE.scopes]
    return Change(
        ChangeKind.SCOPES,
        Effect.HELD if needed else Effect.TOLD,
        Cause.SCOPE,
        Remedy.RECONNECT,
        "scope-missing",
        f"{username} has not granted {', '.join(missing)}",
        f"{lacking_sentence(scopes.lacking((), missing))} Connect the Pinterest account {username} again and leave every permission ticked.",
        missing,
    )


def lacking_for_pins(username: str, granted: frozenset[str]) -> Change | None:
    """What keeps a create from being allowed; None when nothing does, or when nobody knows what was granted."""
    missing = missing_scopes(granted, PIN_CREATE.scopes) if granted else ()
    return lacking(username, missing) if missing else None


def narrowed(username: str, before: frozenset[str], after: frozenset[str]) -> Change | None:
    """What a renewed grant lacks of what a create needs and of what was granted before; None when that is nothing."""
    lost = tuple(sorted((before | set(PIN_CREATE.scopes)) - after)) if after else ()
    return lacking(username, lost) if lost else None


def next_read(connection_id: str, after: datetime) -> datetime:
    """When the account is read next, after a read that went well: daily at this Connection's own time of day, half a day
    from now at the earliest."""
    own = READ_EVERY * share(connection_id)
    earliest = after + _LEAST_APART
    days = -((_EPOCH + own - earliest) // READ_EVERY)
    return _EPOCH + own + days * READ_EVERY


def is_stale(read_at: datetime | None, now: datetime) -> bool:
    """Whether so much may have changed that the account is read before a Pin goes out."""
    return read_at is None or now - read_at > READ_EVERY


def share(connection_id: str) -> float:
    """The same part of one for the same Connection, evenly spread over all of them."""
    return zlib.crc32(connection_id.encode()) / 2**32


def _text(value: object) -> str:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
