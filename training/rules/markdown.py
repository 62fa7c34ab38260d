"""Articles: Markdown to HTML that cannot do anything."""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

OWN_FILES = "files/"
TAGS = {
    *("h2", "h3", "h4", "h5", "p", "br", "hr", "blockquote", "ul", "ol", "li", "strong", "em", "s", "code", "pre"),
    *("a", "img", "table", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {"a": {"href", "title"}, "img": {"src", "alt", "title", "loading"}, "ol": {"start"}}
SCHEMES = {"http", "https", "mailto"}

type Address = Callable[[str], str]


def html(text: str, *, address: Address) -> str:
    """Return a text as safe HTML; `address` gives the address of one of the course's own files.

    HTML in the text is shown as text, links lead to web or mail addresses and
    pages of the portal only, and pictures of other places are left out.
    """
    tokens = _reader().parse(text)
    for token in _all(tokens):
        if token.type in ("heading_open", "heading_close") and token.tag == "h1":
            token.tag = "h2"
        if token.type == "image":
            _point(token, address)
    drawn: str = _reader().renderer.render(tokens, _reader().options, {})
    # Twice safe: the renderer escapes, and the sanitiser lets nothing through that is not on the list.
    return nh3.clean(
        drawn,
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        link_rel="noopener noreferrer",
        strip_comments=True,
    )


def pictures(text: str) -> list[tuple[int, str]]:
    """Return the pictures that a text names, each with its line."""
    found = []
    for block in _reader().parse(text):
        for token in block.children or []:
            if token.type == "image":
                found.append(((block.map or [0])[0] + 1, str(token.attrGet("src") or "")))
    return found


def _all(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from token.children or []


def _point(token: Token, address: Address) -> None:
    source = str(token.attrGet("src") or "")
    token.attrs["loading"] = "lazy"
    if source.startswith(OWN_FILES):
        token.attrs["src"] = address(source)
    else:
        token.attrs.pop("src", None)


@cache
def _reader() -> MarkdownIt:
    options: dict[str, Any] = {"html": False, "linkify": False}
    return MarkdownIt("commonmark", options).enable(["table", "strikethrough"])
