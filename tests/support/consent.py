"""A person at the simulator's consent page, over real sockets."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Collection
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode, urljoin


@dataclass(frozen=True)
class Landed:
    """Where the person ended: the status and text of the last page, or where the first redirect would have led."""

    status: int
    text: str
    address: str


def decide(
    url: str, account: str, deny: Collection[str] = (), *, give: bool = True, follow: bool = True
) -> Landed:
    """Open the page, choose the account, untick `deny`, and decide. Without `follow` the browser cannot come back."""
    with urllib.request.urlopen(url, timeout=30) as page:
        form = _Form()
        form.feed(page.read().decode())
    fields = [*form.hidden, ("account", account), ("decision", "give" if give else "cancel")]
    fields += [("allow", scope) for scope in form.ticked if scope not in deny]
    opener = urllib.request.build_opener(*([] if follow else [_Stay()]))
    sent = urllib.request.Request(urljoin(url, form.action), urlencode(fields).encode())
    try:
        with opener.open(sent, timeout=30) as answer:
            return Landed(answer.status, answer.read().decode(), answer.url)
    except urllib.error.HTTPError as answer:
        return Landed(answer.code, answer.read().decode(), answer.headers.get("Location") or answer.url)


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


class _Form(HTMLParser):
    """The fields of the page as a browser would send them."""

    def __init__(self) -> None:
        super().__init__()
        self.action, self.hidden, self.ticked = "", list[tuple[str, str]](), list[str]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.action = found["action"]
        elif found.get("type") == "hidden":
            self.hidden.append((found["name"], found["value"]))
        elif found.get("type") == "checkbox" and "checked" in found:
            self.ticked.append(found["value"])
