"""Finds the texts to translate in Python and in templates, without any program outside Python."""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.extract import DEFAULT_KEYWORDS, extract
from django.template.base import Lexer, Token, TokenType
from django.utils.translation import trim_whitespace

KEYWORDS = DEFAULT_KEYWORDS | {
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}

_TEXT = r"""(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
_WITH_CONTEXT = rf"(?:.*?\bcontext\s+(?P<context>{_TEXT}))?"
_INLINE = re.compile(rf"(?:trans|translate)\s+(?P<text>{_TEXT}){_WITH_CONTEXT}", re.S)
_BLOCK = re.compile(rf"blocktrans(?:late)?\b{_WITH_CONTEXT}", re.S)
_CONSTANT = re.compile(rf"_\((?P<text>{_TEXT})\)")


@dataclass(frozen=True)
class Text:
    """A text to translate: with its plural and its context where it has them."""

    singular: str
    plural: str = ""
    context: str | None = None


def in_python(path: Path) -> Iterator[Text]:
    """Yield the texts that a Python file marks by gettext and its kin."""
    source = io.BytesIO(path.read_bytes())
    for _line, message, _comments, context in extract("python", source, keywords=KEYWORDS):
        singular, plural = message if isinstance(message, tuple) else (message, "")
        yield Text(singular, plural or "", context)


def in_template(path: Path) -> Iterator[Text]:
    """Yield the texts that a template marks by translate, blocktranslate or _()."""
    tokens = iter(Lexer(path.read_text(encoding="utf-8")).tokenize())
    for token in tokens:
        if token.token_type == TokenType.BLOCK:
            yield from _in_tag(token, tokens)
        elif token.token_type == TokenType.VAR:
            yield from _constants(token.contents)


def _in_tag(token: Token, rest: Iterator[Token]) -> Iterator[Text]:
    inline = _INLINE.match(token.contents)
    block = _BLOCK.match(token.contents)
    if inline:
        yield Text(_escaped(_bare(inline["text"])), context=_context(inline))
    elif block:
        yield _block(rest, context=_context(block), trimmed=" trimmed" in token.contents)
    yield from _constants(token.contents)


def _block(rest: Iterator[Token], *, context: str | None, trimmed: bool) -> Text:
    parts: list[list[str]] = [[]]
    for token in rest:
        if token.token_type == TokenType.TEXT:
            parts[-1].append(_escaped(token.contents))
        elif token.token_type == TokenType.VAR:
            parts[-1].append(f"%({token.contents})s")
        elif token.contents.startswith("plural"):
            parts.append([])
        else:
            break
    texts = ["".join(part) for part in parts]
    if trimmed:
        texts = [trim_whitespace(text) for text in texts]
    return Text(texts[0], texts[1] if len(texts) > 1 else "", context)


def _constants(contents: str) -> Iterator[Text]:
    for found in _CONSTANT.finditer(contents):
        yield Text(_escaped(_bare(found["text"])))


def _context(found: re.Match[str]) -> str | None:
    return _bare(found["context"]) if found["context"] else None


def _bare(quoted: str) -> str:
    quote = quoted[0]
    return quoted[1:-1].replace("\\" + quote, quote)


def _escaped(text: str) -> str:
    """Django looks a template's text up with its percent signs doubled."""
    return text.replace("%", "%%")
