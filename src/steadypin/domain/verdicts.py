"""What happens next to a Pin after an Attempt: `prove` reads a reply, `judge` decides.

reply -> Made | NothingMade | InDoubt -> judge(...) -> Done | Retry | Refresh | Confirm | Hold
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from steadypin.domain.failures import Failure, classify
from steadypin.domain.native import Native
from steadypin.domain.rules.policy import load_policy
from steadypin.domain.words import Cause, Remedy

HEALED_BY_TIME = frozenset({Remedy.RETRY_LATER, Remedy.CONFIRM})
"""Once nothing was made for certain, a Pin with one of these is sent again by itself; any other waits for a person."""


@dataclass(frozen=True, slots=True)
class Made:
    """A 2xx with an id: the Pin is live."""

    pinterest_pin_id: str


@dataclass(frozen=True, slots=True)
class NothingMade:
    """Proven: no Pin came of this Attempt."""

    failure: Failure
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class InDoubt:
    """The reply, or its absence, proves nothing."""

    failure: Failure


Proof = Made | NothingMade | InDoubt


def prove(
    native: Native, *, left: bool, retry_after: timedelta | None = None, environment: str = "production"
) -> Proof:
    """What a failed create proves. `left`: at least one byte of the body may have left this machine."""
    failure = classify(native, environment=environment, left=left)
    return InDoubt(failure) if failure.leaves_doubt else NothingMade(failure, retry_after)


@dataclass(frozen=True, slots=True)
class Done:
    """Live."""

    pinterest_pin_id: str


@dataclass(frozen=True, slots=True)
class Retry:
    """Nothing was made; send again at that moment."""

    at: datetime
    because: str


@dataclass(frozen=True, slots=True)
class Refresh:
    """Nothing was made because the access token was refused: refresh it, then send again at once."""


@dataclass(frozen=True, slots=True)
class Confirm:
    """Look at the board at that moment before anything else happens to this Pin."""

    look_at: datetime


@dataclass(frozen=True, slots=True)
class Hold:
    """A person has to act."""

    cause: Cause
    remedy: Remedy


Verdict = Done | Retry | Refresh | Confirm | Hold


@dataclass(frozen=True, slots=True)
class Policy:
    """Waits and timeouts of publishing. Every number is in seconds."""

    timeout_s: float = 20.0
    """Longest wait for the whole reply to a create; shorter than the Lane's lease."""
    record_margin_s: float = 3.0
    """What must be left of the lease after the timeout, to record the outcome."""
    look_margin_s: float = 5.0
    """A look earlier than timeout + margin sees too little (50 duplicates of 50 in a trial, docs/decisions/confirm-by-reading-the-board.md)."""
    looks_s: tuple[float, ...] = (0.0, 120.0, 300.0)
    """When to look, counted from the first look; all must find nothing before a Pin counts as absent."""
    failed_look_s: float = 60.0
    """When to look again after a board could not be read for a passing reason."""
    looking_ends_s: float = 86400.0
    """A board that could not be read for so long: a person has to say whether the Pin is there."""
    most_pages: int = 40
    """Pages of 250 Pins read of one board; beyond, only an exact match decides."""
    recheck_s: float = 300.0
    """When a Pin that waits for an identical one looks again."""
    twin_looks_s: tuple[float, ...] = (3600.0, 86400.0)
    late_grace_s: float = 86400.0
    resume_after_s: float = 60.0
    """Pins that go on after a reconnect leave no sooner: time to look at their new times, and to take it back."""

    def first_look(self, since: datetime) -> datetime:
        """The earliest moment at which the board may be asked about an Attempt written at `since`."""
        return since + timedelta(seconds=self.timeout_s + self.look_margin_s + self.looks_s[0])

    def next_look(self, now: datetime, looks: int) -> datetime | None:
        """After `looks` finished looks, the last of them now: when to look again; None when all are done."""
        if looks >= len(self.looks_s):
            return None
        return now + timedelta(seconds=self.looks_s[looks] - self.looks_s[looks - 1])

    def twin_look(self, published_at: datetime, looks: int) -> datetime | None:
        """When to look for a late twin after `looks` such looks; None when all are done."""
        if looks >= len(self.twin_looks_s):
            return None
        return published_at + timedelta(seconds=self.twin_looks_s[looks])


def retry_wait(tries: int, kind: str = "") -> timedelta:
    """The wait after the n-th failure in a row; `kind` names a list of waits in rules/policy.toml."""
    return timedelta(seconds=load_policy().wait_s(kind, tries))


def judge(
    proof: Proof,
    *,
    now: datetime,
    since: datetime,
    tries: int,
    refreshed: bool,
    policy: Policy,
    jitter: float = 0.0,
) -> Verdict:
    """Decide about a Pin after its Attempt written at `since`.

    `tries` counts the creates of this Pin so far, this one included; `refreshed` says that the token was renewed
    since the last refusal; `jitter` in 0..1 lengthens a wait by up to the policy's share, so that many Pins do not return at once.
    """
    match proof:
        case Made(pinterest_pin_id):
            return Done(pinterest_pin_id)
        case InDoubt():
            return Confirm(policy.first_look(since))
        case NothingMade(failure, retry_after):
            return _after_refusal(failure, retry_after, now, tries, refreshed, jitter)


def judge_absent(
    failure: Failure, *, now: datetime, since: datetime, tries: int, refreshed: bool
) -> Retry | Refresh | Hold:
    """Decide about a Pin that is proven absent, and whose Attempt written at `since` drew this reply.

    Its board was read back, so it may be sent again, but only if time heals what was said. The looks took some of the
    wait already.
    """
    person = _not_by_time(failure, refreshed)
    if person is not None:
        return person
    at = max(now, since + retry_wait(tries, failure.wait))
    return Retry(at, f"{failure.title}; the board was read, and nothing was made")


def _not_by_time(failure: Failure, refreshed: bool) -> Refresh | Hold | None:
    if failure.refresh_first and not refreshed:
        return Refresh()
    return None if failure.remedy in HEALED_BY_TIME else Hold(failure.cause, failure.remedy)


def _after_refusal(
    failure: Failure,
    retry_after: timedelta | None,
    now: datetime,
    tries: int,
    refreshed: bool,
    jitter: float,
) -> Verdict:
    person = _not_by_time(failure, refreshed)
    if person is not None:
        return person
    if retry_after is not None and failure.cause is not Cause.SPAM_BLOCK:
        return Retry(now + retry_after + timedelta(seconds=jitter), failure.title)
    wait = retry_wait(tries, failure.wait) * (1 + jitter * load_policy().jitter)
    return Retry(now + max(wait, retry_after or timedelta(0)), failure.title)
