"""Pages: fine ones, those that speak to Pinterest, and those that hardly are pages."""

from __future__ import annotations

from html import escape

from pinsim.web.visit import Visit
from pinsim.wire import Answer, html_answer

TITLE = "Lemon cake"
_WORDS = "<p>Whisk four eggs with the sugar, fold in flour and lemon, and bake it for forty minutes.</p>"
_IMAGE = "/web/image.jpg"
_CHARSETS = ("utf-8", "utf-8-sig", "utf-16", "windows-1252", "iso-8859-1", "shift_jis", "koi8-r")
_CHARSET_TITLES = {"shift_jis": "レモンケーキ", "koi8-r": "Лимонный торт"}


def markup(title: str = TITLE, head: str = "", body: str = _WORDS) -> str:
    """A small whole page; `head` and `body` are markup, `title` is text."""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>{head}</head>'
        f"<body><h1>{escape(title)}</h1>{body}</body></html>"
    )


def fine(visit: Visit) -> Answer:
    """With Open Graph. `title`, `og` for another Open Graph title; from `until` on it answers `then` instead."""
    until = visit.whole("until", 0)
    if until and visit.now >= until:
        return html_answer(visit.whole("then", 404, 599), markup("Page not found"))
    title = visit.text("title", TITLE)
    return html_answer(200, markup(title, _open_graph(visit.text("og", title))))


def no_open_graph(visit: Visit) -> Answer:
    """Nothing but a title."""
    return html_answer(200, markup(visit.text("title", TITLE)))


def no_pin(visit: Visit) -> Answer:
    """The mark that forbids saving: the whole page (`tag`, `described`), single images, or no mark at all (`nohover`)."""
    marks = {
        "tag": '<meta name="pinterest" content="nopin">',
        "described": '<meta name="pinterest" content="nopin" description="Please ask us before you save our pictures.">',
        "shouting": "<META CONTENT=NOPIN NAME=Pinterest>",
        "image": "",
        "nohover": '<meta name="pinterest" content="nohover">',
        "comment": '<!-- <meta name="pinterest" content="nopin"> -->',
        "script": """<script>var tag = '<meta name="pinterest" content="nopin">';</script>""",
    }
    how = visit.one_of("how", marks, "tag")
    picture = f'<img src="{_IMAGE}" data-pin-nopin="true" alt="">' if how == "image" else ""
    return html_answer(200, markup(head=_open_graph(TITLE) + marks[how], body=_WORDS + picture))


def soft_404(visit: Visit) -> Answer:
    """A page that says it is not there, with status 200."""
    return html_answer(200, markup("Page not found", body="<p>Sorry, we could not find that page.</p>"))


def empty(visit: Visit) -> Answer:
    """Status 200 and nothing."""
    return html_answer(200, "")


def broken(visit: Visit) -> Answer:
    """Tags that never close and attributes without quotes, as browsers forgive them."""
    return html_answer(
        200,
        f"<html><head><title>{TITLE}<meta property=og:title content='{TITLE}'></title>"
        f'<meta property="og:title" content="{TITLE}"<p><div class="a\'b><b>cake<table><tr><![CDATA[ <!-- </body',
    )


def framed(visit: Visit) -> Answer:
    """A frameset, so that the page itself says nothing."""
    frames = '<frameset cols="20%,80%"><frame src="/web/page"><frame src="/web/login-form"></frameset>'
    return html_answer(200, f"<html><head><title>{TITLE}</title></head>{frames}</html>")


def charset(visit: Visit) -> Answer:
    """`of` is how it is written, `say` where that is said: header, meta, both, nowhere, wrong."""
    of = visit.one_of("of", _CHARSETS, "utf-16")
    say = visit.one_of("say", ("header", "meta", "both", "nowhere", "wrong"), "header")
    title = _CHARSET_TITLES.get(of, "Crème brûlée")
    named = "utf-8" if of == "utf-8-sig" else of
    meta = f'<meta charset="{named}">' if say in ("meta", "both") else ""
    page = f"<html><head>{meta}<title>{title}</title>{_open_graph(title)}</head><body>{title}</body></html>"
    said = {"header": named, "both": named, "wrong": "no-such-charset"}.get(say)
    kind = f"text/html; charset={said}" if said else "text/html"
    return Answer(200, {"Content-Type": kind}, page.encode(of, "xmlcharrefreplace"))


def late_head(visit: Visit) -> Answer:
    """`bytes` of comment before the title."""
    filler = "<!--" + "x" * visit.whole("bytes", 1_000_000, 64_000_000) + "-->"
    return html_answer(200, f"<html><head>{filler}<title>{TITLE}</title>{_open_graph(TITLE)}</head></html>")


def _open_graph(title: str) -> str:
    return (
        f'<meta property="og:title" content="{escape(title)}"><meta property="og:image" content="{_IMAGE}">'
        '<meta property="og:type" content="article">'
    )
