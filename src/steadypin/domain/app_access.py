"""The App's Access: which signs in Pinterest's replies show it, and what each of the two allows.

    a reply -> sign_of -> Sign | None -> its `tier`

Pinterest has no call that answers which Access an App has. Refusals say it, quotas show it, and a Pin that was made on
the real Pinterest proves it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

TRIAL, STANDARD = "trial", "standard"

_RULES = {"trial-access": "trial_refusal", "app-not-approved": "not_approved"}


class Sign(StrEnum):
    """What a reply showed."""

    TRIAL_REFUSAL = "trial_refusal"
    NOT_APPROVED = "not_approved"
    TRIAL_QUOTAS = "trial_quotas"
    STANDARD_QUOTAS = "standard_quotas"
    PUBLISHED = "published"

    @property
    def tier(self) -> str | None:
        """The Access that it shows; None: Pinterest has granted the App none, or none yet."""
        if self is Sign.NOT_APPROVED:
            return None
        return TRIAL if self in (Sign.TRIAL_REFUSAL, Sign.TRIAL_QUOTAS) else STANDARD

    @property
    def refuses(self) -> bool:
        """Whether the reply refused the App; its words are kept."""
        return self in (Sign.TRIAL_REFUSAL, Sign.NOT_APPROVED)


SENTENCES = {
    Sign.TRIAL_REFUSAL: "Pinterest refused a Pin because the App has Trial access, and named the sandbox",
    Sign.NOT_APPROVED: "Pinterest refused a call because the App is not approved, or not yet",
    Sign.TRIAL_QUOTAS: "A reply named the quotas of a Trial day",
    Sign.STANDARD_QUOTAS: "A reply named the quotas of Standard access",
    Sign.PUBLISHED: "A Pin was made on the real Pinterest, and no quota spoke against it",
}


def sign_of(rule: str | None, quotas: str | None, *, published: bool) -> Sign | None:
    """The one sign of a reply. A refusal says more than quotas do, and these more than a Pin that was made.

    `rule`: that of the refusal, if it was one; `quotas`: the tier whose quotas the reply named; `published`: it made a
    Pin on the real Pinterest.
    """
    if rule in _RULES:
        return Sign(_RULES[rule])
    if quotas is not None:
        return Sign.TRIAL_QUOTAS if quotas == TRIAL else Sign.STANDARD_QUOTAS
    return Sign.PUBLISHED if published else None


@dataclass(frozen=True, slots=True)
class Can:
    """Something that an Access allows or refuses. `known`: measured, reported or documented, and by whom."""

    what: str
    allowed: bool
    known: str


_READS = Can("Reading accounts, boards and Pins: real data", True, "measured by others")
_ANYBODY = Can("Connecting any Pinterest account, not only your own", True, "measured by others")
_SANDBOX = Can("Boards and Pins in the sandbox", True, "documented by Pinterest")
_EDITING = Can(
    "Editing a Pin that is live: Pinterest admits Apps to it one by one", False, "measured by others"
)

ABILITIES = {
    TRIAL: (
        _READS,
        _ANYBODY,
        Can(
            "Boards on the real Pinterest. Its documentation calls them visible to their creator alone; they were seen "
            "to be public",
            True,
            "measured by others",
        ),
        _SANDBOX,
        Can(
            "Publishing Pins on the real Pinterest: 403, code 29, naming the sandbox",
            False,
            "reported by many",
        ),
        Can(
            "More than 300 writes or 1,000 calls in a day, all accounts together",
            False,
            "documented by Pinterest",
        ),
        _EDITING,
    ),
    STANDARD: (
        _READS,
        _ANYBODY,
        Can("Publishing Pins on the real Pinterest", True, "reported by many"),
        Can("100 writes and 1,000 reads in a minute, for each account", True, "documented by Pinterest"),
        _SANDBOX,
        _EDITING,
    ),
}
"""Access → what it allows and refuses, as far as it is known."""
