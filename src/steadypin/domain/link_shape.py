"""What the text of a link says by itself, before anybody looks where it leads."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from urllib.parse import SplitResult, urlsplit

from steadypin.domain.addresses import UNSAFE_PORTS, is_disguised, is_inside, is_public, meant, spelled
from steadypin.domain.findings import Finding, Level
from steadypin.domain.rules.shorteners import shortener
from steadypin.domain.texts import TEXT_LIMITS
from steadypin.domain.words import Cause, Remedy

_WEB = ("http", "https")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?", re.I)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.I)
_INVISIBLE = frozenset({"Cc", "Cf", "Zl", "Zp", "Co", "Cs", "Cn"})
_WHOLE = "Write the whole address of the page, like https://example.com/page."


def shape_findings(link: str, allowed: Callable[[str], bool]) -> tuple[Finding, ...]:
    """The blockers and warnings of a link that is not empty. `allowed`: hosts that may be private."""
    found = [*_length(link), *_letters(link)]
    link = "".join(letter for letter in link if not _is_hidden(letter))
    try:
        parts = urlsplit(link)
        port, host = parts.port, parts.hostname
    except ValueError:
        return (*found, _no_address(link))
    scheme = parts.scheme.lower()
    if scheme not in _WEB:
        return (*found, _other_scheme(link, scheme))
    if not host or "\\" in parts.netloc:
        return (*found, _no_address(link))
    return (*found, *_user(parts), *_port(parts, port), *_host(host, allowed))


def ascii_host(host: str) -> str | None:
    """A host as the network writes it, in lower case (`xn--…` for other scripts); None when no host can be called so."""
    name = host.lower()
    if name.isascii():
        return name
    try:
        return name.encode("idna").decode("ascii")
    except UnicodeError:
        return None


def _length(link: str) -> list[Finding]:
    limit = TEXT_LIMITS["link"]
    if len(link) <= limit:
        return []
    title = f"The link has {len(link)} characters; Pinterest takes {limit}."
    fix = f"Shorten it by {len(link) - limit}, for example by leaving out tracking parameters."
    return [blocker("link.length", title, fix, {"characters": len(link), "most": limit})]


def _letters(link: str) -> list[Finding]:
    hidden = [letter for letter in link if _is_hidden(letter)]
    if not hidden:
        return []
    named = sorted({f"U+{ord(letter):04X}" for letter in hidden})
    title = "The link holds spaces, line breaks or invisible characters, which no web address has."
    fix = "Copy it again from the address bar of a browser; a space inside is written %20."
    return [blocker("link.spaces", title, fix, {"characters": named, "count": len(hidden)})]


def _is_hidden(letter: str) -> bool:
    return letter.isspace() or unicodedata.category(letter) in _INVISIBLE


def _other_scheme(link: str, scheme: str) -> Finding:
    is_scheme = _SCHEME.match(link) is not None and "." not in scheme
    if not is_scheme or re.fullmatch(r"\d{1,5}([/?#].*)?", link.partition(":")[2], re.S):
        return _no_address(link)
    title = f"The link begins with '{scheme}:', which leads to no web page."
    return blocker("link.scheme", title, _WHOLE, {"scheme": scheme})


def _no_address(link: str) -> Finding:
    looks_like_one = re.match(r"[\w-]+(\.[\w-]+)+([:/?#]|$)", link) is not None
    fix = f"Write https:// before it: https://{link[:200]}" if looks_like_one else _WHOLE
    return blocker("link.whole", "The link is not a whole web address.", fix, {})


def _user(parts: SplitResult) -> list[Finding]:
    if "@" not in parts.netloc:
        return []
    what = "a password" if parts.password else "a name"
    title = f"The link has {what} before the host ({parts.hostname}), which everybody would see."
    return [warning("link.user", title, "Leave out everything between // and @.", {"host": parts.hostname})]


def _port(parts: SplitResult, port: int | None) -> list[Finding]:
    if port is None or port == {"http": 80, "https": 443}[parts.scheme.lower()]:
        return []
    evidence: Mapping[str, object] = {"port": port}
    if port in UNSAFE_PORTS:
        title = f"The link names port {port}, which no browser opens."
        return [blocker("link.port", title, "Link to the page under its usual address.", evidence)]
    title = f"The link names port {port}; public websites have none in their address."
    return [warning("link.port", title, "Check that visitors from outside can open it.", evidence)]


def _host(host: str, allowed: Callable[[str], bool]) -> list[Finding]:
    name = ascii_host(host)
    literal = spelled(name or host)
    if name is not None and is_disguised(name):
        return [_disguised(host, name)]
    if literal is not None:
        if allowed(host):
            return []
        return [_private(host)] if not is_public(literal) else [_literal(host)]
    if name is None or not _is_name(name):
        title = f"'{host[:100]}' is no name that a website can have."
        return [blocker("link.host", title, "Check the part between // and the next slash.", {"host": host})]
    if is_inside(name):
        return [] if allowed(host) else [_private(host)]
    return [*_spelling(host, name), *_shortened(name)]


def _is_name(name: str) -> bool:
    labels = name.removesuffix(".").split(".")
    return len(name) <= 253 and all(_LABEL.fullmatch(label) for label in labels)


def _disguised(host: str, name: str) -> Finding:
    reading = meant(name)
    means = f", which some programs read as {reading}" if reading is not None else ""
    title = f"The link leads to '{host}'{means}. Pinterest and browsers take such spellings for a trick."
    evidence = {"host": host, "means": str(reading) if reading is not None else None}
    return blocker("link.address", title, "Link to the website by its name.", evidence)


def _literal(host: str) -> Finding:
    title = f"The link leads to a bare address ({host}) instead of a name, as links of spammers do."
    return warning("link.address", title, "Link to the website by its name.", {"host": host})


def _private(host: str) -> Finding:
    title = f"The link leads to '{host}', which exists only inside of a private network."
    fix = "Link to the public address of the page."
    return blocker("link.private", title, fix, {"host": host})


def _spelling(host: str, name: str) -> list[Finding]:
    found = []
    if host.endswith("."):
        title = f"The host ends with a dot ({host}). Some servers answer such addresses with an error."
        found.append(warning("link.dot", title, "Leave out the dot.", {"host": host}))
    if not host.isascii():
        title = f"The host has letters beyond a to z ({host}). Not every program writes them the same way."
        fix = f"Write it as the network does: {name}"
        found.append(warning("link.letters", title, fix, {"host": host, "ascii": name}))
    return found


def _shortened(name: str) -> list[Finding]:
    kind = shortener(name)
    if kind is None:
        return []
    title = f"{name} only leads on to another address. Pinterest blocks many such links as possible spam."
    if kind == "own":
        title = f"{name} leads on to another address, and Pinterest asks for direct links."
    fix = "Open the link and put the address that you arrive at into the Pin."
    return [warning("link.shortener", title, fix, {"host": name, "kind": kind})]


def blocker(check: str, title: str, fix: str, evidence: Mapping[str, object]) -> Finding:
    """A Finding about the link that only its user can mend."""
    return Finding(check, Level.BLOCKER, title, fix, Cause.LINK, Remedy.FIX_INPUT, evidence)


def warning(
    check: str, title: str, fix: str, evidence: Mapping[str, object], remedy: Remedy = Remedy.FIX_INPUT
) -> Finding:
    """A Finding about the link that stops nothing."""
    return Finding(check, Level.WARNING, title, fix, Cause.LINK, remedy, evidence)
