"""Links as Pinterest may give them back, and the optional marker that makes a Pin recognisable for certain."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

MARKER_FIELD = "utm_content"
MARKER_PREFIX = "sp-"
_MARKER = re.compile(MARKER_PREFIX + "[0-9a-hjkmnp-tv-z]{26}")
"""The prefix and the random part of a Pin's id; a user's own `utm_content=sp-sale` is none."""

_DEFAULT_PORTS = {"http": 80, "https": 443}


def normalise_link(link: str | None) -> str:
    """A comparable form of a link; never sent anywhere. '' for none.

    Scheme and host in lower case, no default port, no fragment, '/' for an empty path: Pinterest does not promise to
    echo a link byte for byte, so two links are compared after this.
    """
    text = (link or "").strip()
    if not text:
        return ""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return text
    host = (parts.hostname or "").lower()
    if not host:
        return text
    if ":" in host:
        host = f"[{host}]"
    if port is not None and port != _DEFAULT_PORTS.get(parts.scheme.lower()):
        host = f"{host}:{port}"
    if parts.username:
        host = f"{parts.username}{':' + parts.password if parts.password else ''}@{host}"
    return urlunsplit((parts.scheme.lower(), host, parts.path or "/", parts.query, "")).strip()


def with_marker(link: str, marker: str) -> str:
    """The link with `utm_content=<marker>` put at the end of its query; every letter the user wrote stays as it was."""
    before, hash_mark, fragment = link.partition("#")
    joint = "?" if "?" not in before else "" if before.endswith(("?", "&")) else "&"
    return f"{before}{joint}{urlencode({MARKER_FIELD: marker})}{hash_mark}{fragment}"


def marker_of(link: str | None) -> str | None:
    """The Steadypin marker in a link, or None."""
    if not link or MARKER_PREFIX not in link:
        return None
    try:
        pairs = parse_qsl(urlsplit(link).query)
    except ValueError:
        return None
    found = [value for name, value in pairs if name == MARKER_FIELD and _MARKER.fullmatch(value)]
    return found[-1] if found else None
