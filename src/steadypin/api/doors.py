"""The ways in, before any route is reached: the owner's socket, API keys, known hosts only, security headers.

These wrap the app from outside (plain ASGI), so that nothing of a request's body is read for a caller without a key.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Send
from starlette.types import Scope as AsgiScope

from steadypin.api.problems import problem
from steadypin.domain.errors import StoreTrouble
from steadypin.services import access
from steadypin.services.access import Scope
from steadypin.services.context import Context

_OWNER = "steadypin.owner"
CALLER = "steadypin.caller"
"""Where the Caller stands in the ASGI scope."""

MOST_OF_A_BODY = 1024 * 1024
MOST_OF_AN_UPLOAD = 32 * 1024 * 1024
"""Bytes. An image may have 20 MB (the media store says so in its own words), a form adds a little."""

_UPLOADS = frozenset({"/api/v1/media", "/api/v1/imports", "/api/v1/imports/preflight"})

OPEN_PATHS = frozenset({"/api/v1/openapi.json"})


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. `connection_ids` None means every connection."""

    key_id: str
    scopes: frozenset[str]
    connection_ids: tuple[str, ...] | None = None

    def may(self, scope: Scope) -> bool:
        """Whether this caller has the scope; `admin` includes all."""
        return scope.value in self.scopes or Scope.ADMIN.value in self.scopes

    def sees(self, connection_id: str) -> bool:
        """Whether this caller may know of that connection."""
        return self.connection_ids is None or connection_id in self.connection_ids


OWNER = Caller("owner", frozenset({Scope.ADMIN.value}))


class OwnerDoor:
    """The app as the owner of the installation reaches it, through a socket that only they can open: no key asked.

    The mark is set here, in the server's own record of the connection; no header can set it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            scope = {**scope, _OWNER: True}
        await self._app(scope, receive, send)


def is_owner(scope: Any) -> bool:
    """True for a request that came through the OwnerDoor."""
    return scope.get(_OWNER) is True


class KeyDoor:
    """Below /api/v1 nobody gets in without a key."""

    def __init__(self, app: ASGIApp, ctx: Context, base_url: str) -> None:
        self._app, self._ctx, self._base_url = app, ctx, base_url

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _guarded(scope["path"]):
            await self._app(scope, receive, send)
            return
        if is_owner(scope):
            scope[CALLER] = OWNER
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get("authorization", "")
        kind, _, secret = given.partition(" ")
        try:
            known = kind.lower() == "bearer" and bool(secret)
            key = await run_in_threadpool(access.find_key, self._ctx, secret.strip()) if known else None
        except StoreTrouble as trouble:
            await problem(self._base_url, 503, str(trouble))(scope, receive, send)
            return
        if key is None:
            await problem(
                self._base_url,
                401,
                "This API key is not known, or it was revoked. Make one with `steadypin keys create`."
                if given
                else "Send an API key as `Authorization: Bearer sp_…`. Make one with `steadypin keys create`.",
                headers={"WWW-Authenticate": 'Bearer realm="steadypin"'},
            )(scope, receive, send)
            return
        scope[CALLER] = Caller(key.id, key.scopes, key.connection_ids)
        await self._app(scope, receive, send)


def _guarded(path: str) -> bool:
    return (path == "/api/v1" or path.startswith("/api/v1/")) and path not in OPEN_PATHS


class HostDoor:
    """Only the hosts that this installation answers to; a foreign page that points its name at us gets nothing."""

    def __init__(self, app: ASGIApp, base_url: str, more: Sequence[str] = ()) -> None:
        own = urlsplit(base_url).hostname or ""
        self._app, self._base_url = app, base_url
        self._hosts = {own.lower(), "127.0.0.1", "localhost", "::1", *more}

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or is_owner(scope) or self._known(Headers(scope=scope).get("host", "")):
            await self._app(scope, receive, send)
            return
        await problem(
            self._base_url,
            421,
            "Steadypin does not answer under this host name. Use the address it was set up with, or set "
            "STEADYPIN_BASE_URL to this one.",
        )(scope, receive, send)

    def _known(self, host: str) -> bool:
        try:
            return (urlsplit(f"//{host}").hostname or "").lower() in self._hosts
        except ValueError:
            return False


class SizeDoor:
    """Bodies up to a size: small for JSON and forms, larger for uploads."""

    def __init__(self, app: ASGIApp, base_url: str) -> None:
        self._app, self._base_url = app, base_url

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = MOST_OF_AN_UPLOAD if scope["path"] in _UPLOADS else MOST_OF_A_BODY
        sentence = f"The body is larger than the {most} bytes that this address takes. Send less at once."
        said = Headers(scope=scope).get("content-length", "")
        if said.isdigit() and int(said) > most:
            await problem(self._base_url, 413, sentence)(scope, receive, send)
            return
        came = 0

        async def counting() -> Message:
            nonlocal came
            message = await receive()
            came += len(message.get("body", b""))
            if came > most:
                raise HTTPException(413, sentence)
            return message

        await self._app(scope, counting, send)


class SafetyHeaders:
    """What a browser must know about every answer. No inline script or style, nothing from elsewhere, no framing."""

    def __init__(self, app: ASGIApp, consent_url: str) -> None:
        parts = urlsplit(consent_url)
        # A form may lead to Pinterest's consent page: browsers hold redirects of forms to form-action too.
        policy = (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
            f"form-action 'self' {parts.scheme}://{parts.netloc}; base-uri 'none'; frame-ancestors 'none'"
        )
        self._app = app
        self._headers = {
            "Content-Security-Policy": policy,
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Referrer-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        }

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)
