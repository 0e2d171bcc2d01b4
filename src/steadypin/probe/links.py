"""Looking at a link as a visitor without cookies would come by it: every hop, and the page at the end.

    look(fetcher, url) -> LinkSeen

Nothing is ever raised: what goes wrong is among the facts. What they mean is said by `domain/link_checks.py`.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import aiohttp
from yarl import URL

from steadypin.domain.link_seen import Hop, LinkSeen, LinkTrouble, TroubleKind
from steadypin.domain.media_facts import UNKNOWN
from steadypin.probe.fetch import REDIRECTS, Fetcher
from steadypin.probe.guard import RefusedAddress
from steadypin.probe.kinds import HEAD_BYTES, kind_of
from steadypin.probe.pages import PageFacts, read_page
from steadypin.probe.unpack import CannotUnpack, Unpacker

_PIECE = 16 * 1024
_MOVES_ON_S = 10
"""A page that moves on by itself within so many seconds counts as a redirect."""
_LARGE = 32 * 1024
_SHOWN_URL = 2048
_LONGEST_URL = 16 * 1024
_READABLE = frozenset({"HTML", "XML", "text", UNKNOWN})
"""Kinds by the first bytes that may turn out to be a page."""


@dataclass(frozen=True, slots=True)
class LookLimits:
    """What one look may cost: bytes read and unpacked of each page, seconds in all requests together, hops."""

    most_bytes: int = 512 * 1024
    total_s: float = 20.0
    hops: int = 10


@dataclass(slots=True)
class _Reply:
    """What one request brought; `read` counts the bytes that came over the wire."""

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    read: int = 0
    truncated: bool = False
    trouble: LinkTrouble | None = None


async def look(fetcher: Fetcher, url: str, limits: LookLimits | None = None) -> LinkSeen:
    """Follow a link to its page. Each hop waits for the turn of its host, which counts as no time of the look."""
    limits = limits or LookLimits()
    try:
        at = URL(url)
    except (ValueError, TypeError) as error:
        return LinkSeen(
            url, url, trouble=_trouble(TroubleKind.INVALID, f"it is an invalid URL: {error}", url)
        )
    hops: list[Hop] = []
    been: set[URL] = set()
    by, spent_s = "", 0.0
    while True:
        reply, took_s = await _ask(fetcher, at, limits, limits.total_s - spent_s)
        spent_s += took_s
        been.add(at.with_fragment(None))
        if reply.status is not None or not _refused(reply):
            hops.append(Hop(_text(at), reply.status, by))
        page = await _read(reply)
        seen = _facts(LinkSeen(url, _text(at), tuple(hops), seconds=spent_s), reply, page)
        by, wanted = _next(reply, page)
        if not wanted or reply.trouble is not None:
            return seen
        try:
            following = at.join(_url(wanted))
        except ValueError as error:
            because = f"it leads to an invalid URL: {error}"
            return replace(seen, trouble=_trouble(TroubleKind.INVALID, because, wanted))
        if by == "refresh" and following.with_fragment(None) == at.with_fragment(None):
            return seen
        if following.with_fragment(None) in been:
            return replace(seen, trouble=_trouble(TroubleKind.LOOP, "it goes in circles", _text(following)))
        if len(hops) > limits.hops:
            many = f"it leads through too many redirects, more than {limits.hops}"
            return replace(seen, trouble=_trouble(TroubleKind.HOPS, many, _text(following)))
        at = following


def _url(text: str) -> URL:
    """Raises ValueError."""
    if len(text) > _LONGEST_URL:
        raise ValueError("it is too long")
    return URL(text)


async def _ask(fetcher: Fetcher, url: URL, limits: LookLimits, left_s: float) -> tuple[_Reply, float]:
    reply, took_s = _Reply(), 0.0
    try:
        async with fetcher.turn_at(url):
            begun = asyncio.get_running_loop().time()
            try:
                async with asyncio.timeout(max(left_s, 0)), fetcher.asked(url) as answer:
                    reply.status, reply.headers = answer.status, answer.headers
                    if answer.status not in REDIRECTS:
                        await _take(reply, answer, limits.most_bytes)
            finally:
                took_s = asyncio.get_running_loop().time() - begun
    except (RefusedAddress, aiohttp.ClientError, TimeoutError, OSError, ValueError, CannotUnpack) as error:
        reply.trouble = _why(error, url, reply.status is not None)
        reply.truncated = reply.status is not None
    return reply, took_s


async def _take(reply: _Reply, answer: aiohttp.ClientResponse, most: int) -> None:
    """Read no more than needed: of what is no page its first bytes, of a page `most`."""
    unpacker = Unpacker(answer.headers.get("Content-Encoding", ""))
    async for piece in answer.content.iter_chunked(_PIECE):
        reply.read += len(piece)
        reply.body += unpacker.feed(piece, most - len(reply.body))
        is_page = len(reply.body) < HEAD_BYTES or kind_of(reply.body[:HEAD_BYTES]) in _READABLE
        if not is_page or len(reply.body) >= most or reply.read >= most:
            reply.truncated = True
            return


async def _read(reply: _Reply) -> PageFacts:
    if not reply.body or kind_of(reply.body[:HEAD_BYTES]) not in _READABLE:
        return PageFacts()
    said = reply.headers.get("Content-Type", "")
    if len(reply.body) < _LARGE:
        return read_page(reply.body, said)
    return await asyncio.to_thread(read_page, reply.body, said)


def _next(reply: _Reply, page: PageFacts) -> tuple[str, str]:
    """How and where the reply sends its visitor; the address is '' when it does not."""
    if reply.status in REDIRECTS:
        return "redirect", reply.headers.get("Location", "")
    if reply.status == 200 and page.refresh is not None and page.refresh[0] <= _MOVES_ON_S:
        return "refresh", page.refresh[1]
    return "", ""


def _facts(seen: LinkSeen, reply: _Reply, page: PageFacts) -> LinkSeen:
    kind = kind_of(reply.body[:HEAD_BYTES]) if reply.status is not None else ""
    wait = reply.headers.get("Retry-After", "")
    return replace(
        seen,
        status=reply.status,
        content_type=reply.headers.get("Content-Type", "")[:200],
        kind=kind,
        title=page.title,
        og_title=page.og_title,
        og_image=page.og_image,
        no_pin=page.no_pin,
        no_pin_images=page.no_pin_images,
        has_password=page.has_password,
        is_framed=page.is_framed,
        letters=page.letters,
        bytes_read=reply.read,
        retry_after_s=int(wait) if wait.isascii() and wait.isdigit() and len(wait) < 9 else None,
        truncated=reply.truncated,
        trouble=reply.trouble,
    )


def _refused(reply: _Reply) -> bool:
    """Whether nothing was asked at all."""
    return reply.trouble is not None and reply.trouble.kind in _NEVER_ASKED


_NEVER_ASKED = frozenset(
    {TroubleKind.INVALID, TroubleKind.SCHEME, TroubleKind.USER, TroubleKind.PORT, TroubleKind.PRIVATE}
)


def _why(error: Exception, url: URL, has_begun: bool) -> LinkTrouble:
    words = " ".join(str(error).split())[:300] or type(error).__name__
    match error:
        case RefusedAddress():
            kind = error.kind
        case TimeoutError():
            kind = TroubleKind.SILENT
            words = "the page did not come to its end in time" if has_begun else "no answer came in time"
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientSSLError():
            kind = TroubleKind.TLS
        case aiohttp.ClientConnectorDNSError():
            kind = _unresolved(error)
        case aiohttp.ClientConnectorError():
            kind = TroubleKind.UNREACHED
        case aiohttp.ClientResponseError():
            kind = TroubleKind.UNREADABLE
            words = f"it breaks the rules of HTTP ({error.message.partition(':')[0].strip()[:80]})"
        case CannotUnpack() | aiohttp.InvalidURL():
            kind = TroubleKind.UNREADABLE
        case aiohttp.ClientError() | OSError():
            kind = TroubleKind.CUT
        case _:
            kind = TroubleKind.INVALID
    return _trouble(kind, words, _text(url))


def _unresolved(error: aiohttp.ClientConnectorDNSError) -> TroubleKind:
    """A name that does not exist, or a name server that did not answer."""
    found = error.os_error
    gone = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}
    is_gone = isinstance(found, socket.gaierror) and found.errno in gone
    return TroubleKind.UNKNOWN_HOST if is_gone else TroubleKind.UNREACHED


def _trouble(kind: TroubleKind, words: str, url: str) -> LinkTrouble:
    return LinkTrouble(kind, words, url[:_SHOWN_URL])


def _text(url: URL) -> str:
    """As it may be shown: without the name and password that a redirect may have put in."""
    return str(url.with_user(None) if url.raw_user is not None and url.host else url)[:_SHOWN_URL]
