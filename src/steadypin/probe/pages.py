"""Reading a page: its titles, and what it tells Pinterest. Nothing in it is executed or loaded.

    bytes -> decoded -> tags, one pass -> PageFacts

The tags are found here and not by the standard library's HTMLParser, which takes time that grows with the square of what
a hostile page holds: 40 KB of `<a <a <a ` keep it busy for half a minute. This pass reads every letter once or twice.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape

_TAG = re.compile(r"<(?:(!--)|([!?])|(/?)([a-zA-Z][a-zA-Z0-9:-]{0,40}))")
_NEXT = re.compile("[\"'>]")
_ATTRIBUTE = re.compile(r"""([^\s"'>/=]+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+))?""")
_RAW = {
    name: re.compile(rf"</{name}(?=[\s/>])", re.I)
    for name in ("script", "style", "title", "textarea", "noscript", "template", "xmp", "iframe", "noframes")
}
"""Elements whose inside is no markup, for a visitor whose browser runs scripts."""
_TOLD = frozenset({"meta", "input", "img", "frameset"})
_MOST_ATTRIBUTES = 4096
_SHOWN = 500
_REFRESH = re.compile(r"\s*(\d{1,9})(?:\.\d*)?\s*(?:[;,\s]\s*(?:url\s*=\s*)?(.*))?", re.I | re.S)

_CHARSET = re.compile(rb"""charset\s*=\s*["']?\s*([a-zA-Z0-9_:.-]{1,40})""", re.I)
_PRESCAN = 1024
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_CHARSETS = frozenset(
    {"utf-8", "utf-16", "utf-16-le", "utf-16-be", "ascii", "shift_jis", "cp932", "euc_jp", "iso2022_jp", "gb2312", "gbk",
     "gb18030", "big5", "euc_kr", "cp949", "koi8-r", "koi8-u", "cp874", "tis-620", "mac-roman"}
    | {f"iso8859-{n}" for n in range(1, 17)} | {f"cp125{n}" for n in range(9)}
)  # fmt: skip
"""Python knows more text encodings, among them some that take very long."""


@dataclass(slots=True)
class PageFacts:
    """What a page says. `refresh` is (seconds, address as written); `letters` how much text stands between the tags."""

    title: str = ""
    og_title: str = ""
    og_image: str = ""
    no_pin: bool = False
    no_pin_images: int = 0
    has_password: bool = False
    is_framed: bool = False
    letters: int = 0
    refresh: tuple[int, str] | None = None


def read_page(data: bytes, content_type: str) -> PageFacts:
    """The facts of a page or of its beginning; never fails."""
    facts = PageFacts()
    for tag in _tags(decoded(data, content_type)):
        facts.letters += tag.letters_before
        match tag.name:
            case "title":
                facts.title = facts.title or _shown(tag.inside)
            case "meta":
                _meta(facts, tag.attributes())
            case "input":
                facts.has_password |= tag.attributes().get("type", "").lower() == "password"
            case "img":
                facts.no_pin_images += _forbids(tag.attributes())
            case "frameset":
                facts.is_framed = True
    return facts


def decoded(data: bytes, content_type: str) -> str:
    """The text of a page by its first bytes, its content type, its own word, else UTF-8 or Windows-1252."""
    for mark, marked in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(marked, "replace")
    named = _CHARSET.search(content_type.encode("ascii", "ignore"))
    name = _charset(named[1]) if named else None
    if name is None:
        named = _CHARSET.search(data[:_PRESCAN])
        name = _charset(named[1]) if named else None
        if name is not None and name.startswith("utf-16"):  # then the word itself could not have been read
            name = "utf-8"
    if name is not None:
        return data.decode(name, "replace")
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(data)
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _charset(said: bytes) -> str | None:
    try:
        name = codecs.lookup(said.decode("ascii")).name
    except (LookupError, ValueError):
        return None
    if name in ("iso8859-1", "ascii"):  # as browsers do
        return "cp1252"
    return name if name in _CHARSETS else None


@dataclass(slots=True)
class _Tag:
    name: str
    text: str
    letters_before: int = 0
    inside: str = ""
    _read: dict[str, str] | None = field(default=None, repr=False)

    def attributes(self) -> dict[str, str]:
        """By lower-case name; the first of a name counts."""
        if self._read is None:
            self._read = {}
            for name, value in _ATTRIBUTE.findall(self.text):
                bare = value[1:-1] if value[:1] in ("'", '"') else value
                self._read.setdefault(name.lower(), unescape(bare))
        return self._read


def _tags(text: str) -> Iterator[_Tag]:
    at, letters = 0, 0
    while (found := _TAG.search(text, at)) is not None:
        letters += len(text[at : found.start()].strip())
        if found[1]:
            end = text.find("-->", found.end())
            at = end + 3
        else:
            end = _end_of(text, found.end())
            at = end + 1
        if end < 0:
            return
        name = (found[4] or "").lower()
        inside = ""
        if not found[3] and name in _RAW:
            close = _RAW[name].search(text, at)
            if close is None:
                return
            inside, at = text[at : min(close.start(), at + 10 * _SHOWN)], close.start()
        if not found[3] and (name in _TOLD or name == "title"):
            yield _Tag(name, text[found.end() : min(end, found.end() + _MOST_ATTRIBUTES)], letters, inside)
            letters = 0
    yield _Tag("", "", letters + len(text[at:].strip()))


def _end_of(text: str, at: int) -> int:
    """Where a tag closes, quoted parts skipped; -1 if it never does."""
    while (found := _NEXT.search(text, at)) is not None:
        if found[0] == ">":
            return found.start()
        at = text.find(found[0], found.end()) + 1
        if at == 0:
            return -1
    return -1


def _meta(facts: PageFacts, said: dict[str, str]) -> None:
    content = said.get("content", "")
    name = said.get("property", said.get("name", "")).strip().lower()
    if name == "og:title":
        facts.og_title = facts.og_title or _shown(content)
    elif name in ("og:image", "og:image:url"):
        facts.og_image = facts.og_image or content.strip()[:2048]
    elif name == "pinterest":
        facts.no_pin |= "nopin" in re.split(r"[\s,;]+", content.strip().lower())
    if said.get("http-equiv", "").strip().lower() == "refresh" and facts.refresh is None:
        wanted = _REFRESH.fullmatch(content[:_MOST_ATTRIBUTES])
        if wanted is not None:
            facts.refresh = (int(wanted[1]), (wanted[2] or "").strip().strip("'\"").strip())


def _forbids(said: dict[str, str]) -> bool:
    return said.get("data-pin-nopin", said.get("nopin", "")).strip().lower() in ("true", "nopin", "1")


def _shown(text: str) -> str:
    return " ".join(unescape(text).split())[:_SHOWN]
