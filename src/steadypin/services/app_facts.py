"""All that is known of the operator's App, in one value for the API, the page, the command and the doctor."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from steadypin.domain.app_access import ABILITIES, SENTENCES, STANDARD, TRIAL, Can, Sign
from steadypin.domain.connections import ConnectionStatus, day
from steadypin.domain.native import Native
from steadypin.domain.operations import MINIMUM_SCOPES
from steadypin.domain.pacing.trial import CALLS_A_DAY, WRITES_A_DAY
from steadypin.services import limiting
from steadypin.services.context import Context
from steadypin.services.limiting import AppTold
from steadypin.storage import app_evidence, connections, instance
from steadypin.storage.app_evidence import Evidence

__all__ = ["SENTENCES", "Can", "Evidence"]

ENVIRONMENTS = ("production", "sandbox")
_NOT_CONNECTED = (ConnectionStatus.BROKEN, ConnectionStatus.DISCONNECTED)


@dataclass(frozen=True, slots=True)
class Environment:
    """One of Pinterest's two worlds: where it is, and how many accounts are connected there, usable ones apart."""

    name: str
    address: str
    connections: int
    usable: int


@dataclass(frozen=True, slots=True)
class AppFacts:
    """The App. `access`: its tier, who said so, and the Trial budget; `since`: when Pinterest first showed that tier.

    `not_approved`: the latest that Pinterest said of the App is that it is not approved. `contradicted`: the operator's
    setting says another tier than Pinterest's replies show.
    """

    id: str | None
    secret_set: bool
    redirect_uri: str
    scopes: tuple[str, ...]
    access: AppTold
    since: datetime | None
    evidence: tuple[Evidence, ...]
    environments: tuple[Environment, ...]
    contradicted: str | None

    @property
    def not_approved(self) -> bool:
        """Whether every call is refused, as far as is known."""
        return bool(self.evidence) and self.evidence[0].sign is Sign.NOT_APPROVED

    @property
    def abilities(self) -> tuple[Can, ...]:
        """What its access allows and refuses; empty while the access is not known."""
        return ABILITIES.get(self.access.tier or "", ())

    @property
    def used(self) -> tuple[int, int] | None:
        """Calls and writes of this Trial day, all accounts together; None without Trial access."""
        left = self.access.trial
        return None if left is None else (CALLS_A_DAY - left.calls, WRITES_A_DAY - left.writes)

    @property
    def how_known(self) -> str:
        """In one sentence, for people."""
        if self.access.said_by == "operator":
            return "The operator says so (STEADYPIN_ACCESS_TIER)."
        fitting = [each for each in self.evidence if each.sign.tier == self.access.tier]
        if self.access.tier is None and not self.not_approved:
            return "Pinterest's replies show it: no reply has done so yet."
        return f"{sentence(fitting[0])}." if fitting else "A reply of Pinterest showed it."


def sentence(evidence: Evidence) -> str:
    """What was seen, when, and with which words; without a full stop."""
    native = Native.from_json(evidence.native) if evidence.native is not None else None
    codes = f" ({native.status}, code {native.code})" if native and native.code is not None else ""
    where = " in the sandbox" if evidence.environment == "sandbox" else ""
    return f"{SENTENCES[evidence.sign]}{codes}{where}, last on {day(evidence.at)}"


def facts(ctx: Context) -> AppFacts:
    """All of it as it stands now."""
    with ctx.store.read() as tx:
        seen = instance.app_access(tx)
        evidence = app_evidence.listing(tx)
        known = connections.get_all(tx)
        now = tx.now
    statuses = Counter((each.environment, each.status(now) not in _NOT_CONNECTED) for each in known)
    return AppFacts(
        id=ctx.app.id,
        secret_set=bool(ctx.app.secret),
        redirect_uri=ctx.app.redirect_uri,
        scopes=MINIMUM_SCOPES,
        access=limiting.app_told(ctx),
        since=seen.since if seen.tier and (ctx.access_tier or seen.tier) == seen.tier else None,
        evidence=tuple(evidence),
        environments=tuple(
            Environment(
                name, ctx.hosts.base(name), statuses[name, True] + statuses[name, False], statuses[name, True]
            )
            for name in ENVIRONMENTS
        ),
        contradicted=seen.tier if ctx.access_tier and seen.tier and ctx.access_tier != seen.tier else None,
    )


def next_steps(app: AppFacts) -> list[str]:
    """What to do next, in order; words in backticks are commands, settings or addresses."""
    return list(_steps(app))


def _steps(app: AppFacts) -> Iterator[str]:
    if not app.id or not app.secret_set:
        yield (
            "Put the App's id and secret into `STEADYPIN_PINTEREST_APP_ID` and `STEADYPIN_PINTEREST_APP_SECRET`, and start "
            "Steadypin again."
        )
        yield f"Register `{app.redirect_uri}` as a redirect address of the App, letter for letter."
        return
    if app.contradicted:
        yield (
            f"`STEADYPIN_ACCESS_TIER` says {app.access.tier}, but Pinterest's replies show {app.contradicted} access. Remove "
            "the setting, or correct it."
        )
    if app.not_approved:
        yield (
            "Open the App at developers.pinterest.com and see whether Trial access is active; ask for it, or answer "
            "Pinterest's review. No account can heal that."
        )
        return
    production, sandbox = app.environments
    if app.access.tier == TRIAL:
        if not sandbox.usable:
            yield "Connect an account in the sandbox with `steadypin connect --sandbox`."
        yield "Record what Pinterest's review wants to see with `steadypin demo-recording`."
        yield "Ask for Standard access at developers.pinterest.com. What waits goes on by itself once it is granted."
        yield "After it was granted, `steadypin resume` tries one Pin at once instead of within the hour."
        return
    if not production.usable:
        yield f"Register `{app.redirect_uri}` as a redirect address of the App, letter for letter."
        yield "Connect an account with `steadypin connect`."
    elif app.access.tier == STANDARD:
        yield "Nothing. The App may publish."
    else:
        yield "Nothing. The next reply of Pinterest shows the access."
