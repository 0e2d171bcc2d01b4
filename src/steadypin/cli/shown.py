"""How values of the API look in a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

STYLES = {
    "published": "green", "held": "red", "confirming": "yellow", "sending": "yellow", "cancelled": "dim", "draft": "dim",
    "connected": "green", "expiring": "yellow", "broken": "red", "paused": "yellow", "disconnected": "dim",
    "open": "yellow", "over": "dim", "created": "green", "unchanged": "dim", "refused": "red", "ok": "green", "warning": "yellow", "blocker": "red",
}  # fmt: skip


def moment(text: str | None) -> str:
    """A time of the API in this machine's zone, with its offset."""
    if text is None:
        return ""
    return datetime.fromisoformat(text).astimezone().strftime("%Y-%m-%d %H:%M %z")


def styled(word: str) -> tuple[str, str]:
    """A fixed word in its colour."""
    return word, STYLES.get(word, "")


PIN_COLUMNS = ("Pin", "Stage", "Due", "Title", "What to know")


def pin_row(pin: Mapping[str, Any]) -> Sequence[object]:
    """One line of a table of Pins."""
    return pin["id"], styled(pin["stage"]), moment(pin["due_at"]), pin["title"], pin_news(pin)


def pin_news(pin: Mapping[str, Any]) -> str:
    """The one thing about a Pin that a person wants to know first."""
    if pin["problem"] and not pin["deferred_until"]:
        return (
            f"{pin['problem']}. {pin['fix'] or ''}".replace("..", ".")
            .replace("!.", "!")
            .replace("?.", "?")
            .strip()
        )
    if pin["twin_ids"]:
        return f"A second Pin of it is live: {', '.join(pin['twin_ids'])}"
    if pin["cancel_requested_at"]:
        return "Will be cancelled unless it turns out to be live."
    if pin["at_risk"]:
        return f"At risk: {pin_risk(pin)}"
    if pin["deferred_until"]:
        return f"{pin_waits(pin)}."
    if pin["next_look_at"]:
        return f"Next look at the board: {moment(pin['next_look_at'])}"
    return str(pin["permalink"] or "")


def pin_risk(pin: Mapping[str, Any]) -> str:
    """What would stop it at its time, and what to do; "" when nothing is known."""
    return f"{pin['at_risk_because']} {pin['at_risk_fix'] or ''}".strip() if pin["at_risk"] else ""


def pin_waits(pin: Mapping[str, Any]) -> str:
    """When it is tried, or tried again, and why not now; "" when nothing keeps it."""
    if not pin["deferred_until"]:
        return ""
    until = f"{'Next try at' if pin['problem'] else 'Waits until'} {moment(pin['deferred_until'])}"
    return f"{until}, because: {pin['deferred_because']}" if pin["deferred_because"] else until


def pin_facts(pin: Mapping[str, Any]) -> list[tuple[str, object]]:
    """Everything about one Pin, in the order in which people ask."""
    media = pin["media"]
    return [
        ("Pin", pin["id"]),
        ("Stage", f"{pin['stage']} (step {pin['step']} of 6)"),
        ("Title", pin["title"]),
        ("Due", moment(pin["due_at"])),
        ("Published", moment(pin["published_at"])),
        ("Permalink", pin["permalink"]),
        ("Problem", pin["problem"]),
        ("Cause", pin["cause"]),
        ("Remedy", pin["remedy"]),
        ("Fix", pin["fix"]),
        ("Waits", pin_waits(pin)),
        ("At risk", pin_risk(pin)),
        ("Next look", moment(pin["next_look_at"])),
        ("Twins", ", ".join(pin["twin_ids"])),
        ("Connection", pin["connection_id"]),
        ("Board", pin["board_id"]),
        ("Section", pin["board_section_id"]),
        ("Description", pin["description"]),
        ("Alt text", pin["alt_text"]),
        ("Link", pin["link"]),
        *_media_facts(media),
    ]


def _media_facts(media: Mapping[str, Any]) -> list[tuple[str, object]]:
    if media["type"] != "carousel":
        return [("Media", media["media_id"] or media["url"])]
    facts: list[tuple[str, object]] = [("Media", f"carousel of {len(media['items'])} images")]
    for n, item in enumerate(media["items"]):
        cover = "the cover" if n == media["cover_index"] else None
        said = (item["media_id"] or item["url"], cover, item["title"], item["description"], item["link"])
        facts.append((f"Card {n + 1}", " · ".join(each for each in said if each)))
    return facts


def native_lines(native: Mapping[str, Any] | None) -> list[tuple[str, object]]:
    """What came back, in its own words."""
    if not native:
        return []
    said = [
        ("Answer", native.get("status")),
        ("Its code", native.get("code")),
        ("Its message", native.get("message")),
    ]
    return [*said, ("Its request id", native.get("rid")), ("No answer, but", native.get("exception"))]
