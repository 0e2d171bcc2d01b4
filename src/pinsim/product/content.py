"""Content: the texts and the link of a Pin, checked and kept as Pinterest keeps them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from pinsim import refusals
from pinsim.product.call import Call
from pinsim.switches import Switches

_LONGEST = {"title": 100, "description": 800, "alt_text": 500, "link": 2048}
"""Characters, from the spec."""
_HOST = re.compile(r"^(?=.{1,253}$)[^\s.]+(\.[^\s.]+)*\.?$")


@dataclass(frozen=True, slots=True)
class Content:
    """The words of a Pin."""

    title: str | None
    description: str | None
    alt_text: str | None


def read_texts(body: dict[str, Any]) -> Content:
    """Title, description and alternative text within their limits."""
    return Content(
        text_of(body, "title", _LONGEST["title"]),
        text_of(body, "description", _LONGEST["description"]),
        text_of(body, "alt_text", _LONGEST["alt_text"]),
    )


def text_of(body: dict[str, Any], name: str, longest: int | None = None) -> str | None:
    """A nullable string member."""
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise refusals.invalid_request(f"'{name}' {value!r} is not of type 'string'")
    if longest is not None and len(value) > longest:
        raise refusals.invalid_request(
            f"'{name}' is too long ({len(value)} characters). constraint: maxLength={longest}"
        )
    return value


def read_link(call: Call, value: object) -> str | None:
    """A link that may be saved, as it will be shown."""
    link = text_of({"link": value}, "link", _LONGEST["link"])
    if not link:
        return None
    host = _host(link)
    if _is_listed(host, call.switches.blocked_domains):
        raise refusals.link_blocked(call.switches.unsure_code)
    if _is_listed(host, call.switches.no_pin_sites):
        raise refusals.no_pin_site(call.switches.unsure_code)
    return normalised(link) if call.switches.normalise_links else link


def as_kept(content: Content, link: str | None, switches: Switches) -> Content:
    """The words after what Pinterest does to them."""
    title, description, alt_text = content.title, content.description, content.alt_text
    if switches.strip_text:
        title, description, alt_text = _stripped(title), _stripped(description), _stripped(alt_text)
    if switches.rewrite_titles and link:
        title = switches.open_graph.get(link) or f"{title or 'Untitled'} | {_host(link)}"
    return Content(title, description, alt_text)


def normalised(link: str) -> str:
    """Host in lower case, no default port, no fragment, a slash behind a bare host."""
    parts = urlsplit(link)
    host = (parts.hostname or "").lower()
    default = {"http": 80, "https": 443}.get(parts.scheme.lower())
    place = host if parts.port in (None, default) else f"{host}:{parts.port}"
    return urlunsplit((parts.scheme.lower(), place, parts.path or "/", parts.query, ""))


def _host(link: str) -> str:
    try:
        parts = urlsplit(link)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise refusals.invalid_url() from None
    is_plain = not any(character.isspace() or not character.isprintable() for character in link)
    if parts.scheme.lower() not in ("http", "https") or not _HOST.match(host) or not is_plain:
        raise refusals.invalid_url()
    return host.lower()


def _is_listed(host: str, domains: list[str]) -> bool:
    return any(host == domain or host.endswith("." + domain) for domain in map(str.lower, domains))


def _stripped(text: str | None) -> str | None:
    if text is None:
        return None
    lines = text.replace("\r\n", "\n").split("\n")
    return "\n".join(line.rstrip(" ") for line in lines).rstrip()
