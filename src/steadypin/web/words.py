"""The fixed words as the pages show them: the glossary's word, and what it means in a few more."""

from __future__ import annotations

from steadypin.domain.words import Cause, Remedy, Stage, Step

STAGES = {
    Stage.HELD: ("Held", "Waits for you"),
    Stage.CONFIRMING: ("Confirming", "May be live; the board is being read"),
    Stage.SENDING: ("Sending", "On its way to Pinterest"),
    Stage.PREPARING: ("Preparing", "Its media is being fetched"),
    Stage.SCHEDULED: ("Scheduled", "Goes live at its time"),
    Stage.DRAFT: ("Draft", "Has no time yet"),
    Stage.PUBLISHED: ("Published", "Live on Pinterest"),
    Stage.CANCELLED: ("Cancelled", "Will not be sent"),
}
"""Stage → (word, meaning), in the order of the tabs: what needs eyes comes first."""

STEPS = {
    Step.COMPOSE: "compose",
    Step.TOKEN_AND_SCOPES: "token and scopes",
    Step.BOARD: "board",
    Step.MEDIA_AND_TEXT: "media and text",
    Step.VIDEO_PROCESSING: "video processing",
    Step.PUBLISH: "publish",
}

CAUSES = {cause: cause.value.replace("_", " ") for cause in Cause}

REMEDIES = {
    Remedy.RECONNECT: "reconnect the account",
    Remedy.FIX_INPUT: "fix the Pin",
    Remedy.RETRY_LATER: "wait; it is tried again",
    Remedy.OPERATOR: "for the operator of Steadypin",
    Remedy.CONFIRM: "find out whether it is live",
    Remedy.REPORT: "report it",
}
