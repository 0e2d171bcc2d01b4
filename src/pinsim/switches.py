"""Switches: how this Pinterest behaves where the real one may do either.

Each is read at `GET /_sim/switches` and set at `PUT /_sim/switches`. Those marked "open question" stand for
something nobody outside Pinterest has measured.
"""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass, field
from typing import Any

from pinsim.product.scopes import SCOPES


class BadSwitch(ValueError):
    """A switch that does not exist or a value it cannot take; the text says which."""


def _choice(default: str, *others: str) -> Any:
    return field(default=default, metadata={"choices": (default, *others)})


def _least(default: float, least: float = 0) -> Any:
    return field(default=default, metadata={"least": least})


_OUTCOME = re.compile(r"succeeded|failed|stuck|\d{1,9}(\.\d+)?")
"""What may become of an upload: see `processing_of`."""


@dataclass(slots=True)
class Switches:
    """The settings in force; field names are the names on the wire."""

    access: str = _choice("app", "trial", "standard")
    """The access tier: `app` takes each app's own (and the account's, if it was seeded with one)."""
    auto_consent: str = ""
    """A username: `GET /oauth/` then consents for it at once, with every scope asked for but `deny_scopes`."""
    deny_scopes: list[str] = field(default_factory=list, metadata={"each": tuple(SCOPES)})
    """Scopes that the consent page shows unticked and that automatic consent leaves out."""
    pin_edit: bool = False
    """Whether the app is admitted to editing Pins; refused with 401 code 3 otherwise."""
    enforce_limits: bool = False
    """Whether a spent quota is refused with 429; the headers count either way."""
    quota_times: float = _least(1.0, 0.01)
    """How many times the published quotas of Standard access are given: they are "subject to change without notice"."""
    limit_windows: str = _choice("fixed", "sliding")
    """Open question: whether the windows of 1 s and 60 s begin at whole multiples or move with the clock."""
    trial_day: str = _choice("utc", "rolling")
    """Open question: whether a Trial day begins at midnight UTC or is the last 24 hours."""
    refused_calls_count: bool = False
    """Open question: whether a call that was refused for a spent quota counts too."""
    retry_after: str = _choice("none", "seconds", "date")
    """Open question: whether a 429 carries Retry-After; reported as absent."""
    write_conflict_s: float = _least(0.0)
    """A second write on one board, or on a Pin there, within so many seconds gets 429 code 8."""
    spam_creates: int = _least(0)
    """So many Pins of one account within `spam_within_s` block its further ones as spam; 0 for never."""
    spam_within_s: float = _least(600.0, 1)
    """The time in which `spam_creates` are too many."""
    spam_block_s: float = _least(21_600.0, 1)
    """How long a spam block lasts; minutes up to a day are known."""
    spam_early_s: float = _least(3_600.0)
    """How much longer it lasts with every Pin that is tried before its end, to a day from that try at most."""
    trial_refuses: str = _choice("pins", "writes", "nothing")
    """What Trial access may not do in production: create Pins (measured), write anything, or it may all (the docs)."""

    rewrite_titles: bool = False
    """Replace the title of a Pin with a link, as Pinterest does from the page's Open Graph title."""
    open_graph: dict[str, str] = field(default_factory=dict)
    """Link -> page title, for `rewrite_titles`; a link that is not here gets a derived title."""
    normalise_links: bool = False
    """Open question: lower-case the host, drop default port and fragment, add the slash to a bare host."""
    strip_text: bool = False
    """Trim trailing spaces of every line and turn CRLF into LF."""
    blocked_domains: list[str] = field(default_factory=list)
    """Hosts (and all below them) whose links are refused as spam."""
    no_pin_sites: list[str] = field(default_factory=list)
    """Hosts (and all below them) whose pages carry a no-pin tag."""

    list_lag_s: float = _least(0.0)
    """Open question: a Pin shows in lists only so many seconds after it was made."""
    list_order: str = _choice("newest", "oldest", "shuffled")
    """Open question: the order of Pin lists."""
    board_lists_sections: bool = True
    """Open question: whether a board's Pin list holds the Pins of its sections too."""

    refresh_rotation: str = _choice("strict", "lenient")
    """Open question: `strict` ends a refresh token with its first use, `lenient` lets it live on for a while."""
    refresh_grace_s: float = _least(5_184_000.0, 1)
    """Open question: how long a used refresh token lives on when `lenient`, within its own life."""
    refresh_ends_access: bool = False
    """Open question: whether a refresh ends the access token before it."""
    sandbox_access_s: float = _least(2_592_000.0, 1)
    """Open question: life of a sandbox access token from the token endpoint; 86400 as those of the app's page."""
    refresh_opt_in: bool = False
    """As for apps made before 2025-09-25: without `continuous_refresh=true` the refresh token is a fixed one."""
    token_scope: str = _choice("spaces", "commas", "omitted")
    """How a token answer writes the scopes; since 5.28 they may be missing."""
    code_lifetime_s: float = _least(600.0, 1)
    """Open question: how long an authorization code can be exchanged."""

    archived_board: str = _choice("403_29", "404_40", "accepts")
    """Open question: how an archived board answers a new Pin."""
    suspended_answer: str = _choice("401_2", "403_2625", "403_2626")
    """Open question: what the calls of a suspended account get."""
    dead_tokens_say_why: bool = False
    """Open question: whether a 401 code 2 says "User deactivated" and the like, as the Token Debugger does."""
    group_boards_writable: bool = False
    """Open question: whether a collaborator's new Pin on a group board is taken."""
    pinner_refused: bool = False
    """Open question: whether a PINNER account is refused new Pins (403 code 654)."""
    duplicate_board_names: str = _choice("refuse", "allow")
    """Whether a second board of the same name is refused (400 code 400)."""
    board_name_max: int = _least(50, 1)
    """Open question: characters in a board's name."""
    board_description_max: int = _least(500, 1)
    """Open question: characters in a board's description."""
    unsure_code: int = _least(1)
    """Open question: the `code` of refusals that were reported by their text only."""

    image_min_px: int = _least(100)
    """Open question: the least width and height; below it 403 code 233."""
    image_max_bytes: int = _least(20_971_520, 1)
    """The largest image."""
    base64_max_chars: int = _least(0)
    """Open question: the longest base64 string, 0 for no ceiling; beyond it 413."""
    fetch_timeout_s: float = _least(10.0, 0.01)
    """How long Pinterest waits for the server of an `image_url`."""

    upload_life_s: float = _least(3_600.0, 1)
    """Open question: how long the form of a registered upload is good; its policy names the end."""
    upload_max_bytes: int = _least(2_147_483_648, 1)
    """The largest video; beyond it EntityTooLarge."""
    upload_answers: str = _choice("after", "at_once")
    """When the bucket refuses: `after` the whole body came, or `at_once`, while the client still sends."""
    upload_idle_s: float = _least(20.0, 0.01)
    """How long the bucket waits for the next byte, in real seconds; then RequestTimeout."""
    upload_bytes_per_s: int = _least(0)
    """How fast the bucket reads, by the real clock; 0 for as fast as it can."""
    second_upload: str = _choice("replaces", "ignored")
    """Open question: whether a second file with the same form starts processing again."""
    processing_s: float = _least(5.0)
    """How long a video is processed; usually under a minute."""
    processing_s_per_mb: float = _least(0.0)
    """So many seconds more with every million bytes."""
    processing_of: dict[str, str] = field(default_factory=dict, metadata={"every": _OUTCOME})
    """sha256 of a file -> what becomes of it, whatever it is: `succeeded`, `failed`, `stuck` or its seconds."""
    fail_processing: bool = False
    """Whether processing fails whatever the file is."""
    video_shortest_s: float = _least(4.0)
    """The shortest video that is processed."""
    video_longest_s: float = _least(900.0)
    """The longest; some blame failures on more than 300 s."""
    media_lag_s: float = _least(0.0)
    """Open question: reads of an upload lag so much behind, as `media_lag_shows` says."""
    media_lag_shows: str = _choice("registered", "404")
    """`registered`: an upload still shows that after its file came; `404`: it is not found after it was registered."""
    media_life_s: float = _least(0.0)
    """Open question: so long after it was registered an upload is cleared away (404); 0 for never."""
    unready_media: str = _choice("refused", "accepted")
    """Open question: a Pin whose video is not processed yet: 400, or made with the video's facts missing."""
    several_covers: str = _choice("refused", "first")
    """Open question: a video Pin with more than one cover: 400, or the first of URL, base64 and key frame counts."""

    journal_keep: int = _least(0)
    """Only the latest so many journal entries are kept, for long runs; 0 keeps all."""

    def as_dict(self) -> dict[str, Any]:
        """Every switch with its value in force."""
        return dataclasses.asdict(self)

    def change(self, wanted: dict[str, Any]) -> None:
        """Set the named switches, all or none; raises BadSwitch."""
        checked = {name: _checked(name, value) for name, value in wanted.items()}
        for name, value in checked.items():
            setattr(self, name, value)


_FIELDS = {each.name: each for each in dataclasses.fields(Switches)}
_DEFAULTS = Switches().as_dict()
_MOST = 1e15
"""Beyond what any switch needs; NaN is never below."""


def _checked(name: str, value: Any) -> Any:
    if name not in _FIELDS:
        raise BadSwitch(f"There is no switch {name!r}.")
    value = _typed(name, value, _DEFAULTS[name])
    choices = _FIELDS[name].metadata.get("choices")
    if choices and value not in choices:
        raise BadSwitch(f"{name} is one of {', '.join(choices)}.")
    each = _FIELDS[name].metadata.get("each")
    if each and not set(value) <= set(each):
        raise BadSwitch(f"{name} takes any of {', '.join(each)}.")
    every = _FIELDS[name].metadata.get("every")
    if every and not all(every.fullmatch(one) for one in value.values()):
        raise BadSwitch(f"{name} has values like {every.pattern}.")
    least = _FIELDS[name].metadata.get("least")
    if least is not None and value < least:
        raise BadSwitch(f"{name} is at least {least}.")
    return value


def _typed(name: str, value: Any, default: Any) -> Any:
    if isinstance(default, bool) or isinstance(value, bool):
        fits = isinstance(default, bool) and isinstance(value, bool)
    elif isinstance(default, float):
        fits = isinstance(value, int | float) and abs(value) < _MOST
    elif isinstance(default, list):
        fits = isinstance(value, list) and all(isinstance(each, str) for each in value)
    elif isinstance(default, dict):
        fits = isinstance(value, dict) and all(isinstance(each, str) for each in value.values())
    else:
        fits = isinstance(value, type(default))
    if not fits:
        raise BadSwitch(f"{name} takes a value like {default!r}.")
    return value
