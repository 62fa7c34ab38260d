"""What a browser would send of the form of a page that is left as it is."""

from html.parser import HTMLParser
from typing import Any

from django.http import HttpResponse

Sent = dict[str, list[str]]


class _Form(HTMLParser):
    """Reads the fields of the form that has a class; what stands in a template is not sent."""

    def __init__(self, css: str) -> None:
        super().__init__()
        self.css, self.sent = css, {}  # type: tuple[str, Sent]
        self._inside, self._templates = False, 0
        self._select, self._text = "", ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = dict(attrs)
        if tag == "form":
            self._inside = self.css in (has.get("class") or "").split()
        self._templates += tag == "template"
        if not self._inside or self._templates:
            return
        name = has.get("name") or ""
        if tag == "input" and name and (has.get("type") not in ("checkbox", "radio") or "checked" in has):
            self._put(name, has.get("value") or ("on" if has.get("type") == "checkbox" else ""))
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and "selected" in has:
            self._put(self._select, has.get("value") or "")
        elif tag == "textarea":
            self._text = name
            self._put(name, "")

    def handle_data(self, data: str) -> None:
        if self._text:
            self.sent[self._text][-1] += data.removeprefix("\n")

    def handle_endtag(self, tag: str) -> None:
        self._templates -= tag == "template"
        if tag == "form":
            self._inside = False
        if tag == "select":
            if self._select and self._inside and not self._templates:
                self.sent.setdefault(self._select, [""])
            self._select = ""
        if tag == "textarea":
            self._text = ""

    def _put(self, name: str, value: str) -> None:
        self.sent.setdefault(name, []).append(value)


def of(page: HttpResponse, css: str = "desk-setting", **changes: Any) -> Sent:
    """Return the fields of a page's form, some of them changed (`None` leaves one out)."""
    reader = _Form(css)
    reader.feed(page.content.decode())
    sent = reader.sent | {name: value if isinstance(value, list) else [value] for name, value in changes.items()}
    return {name: value for name, value in sent.items() if value != [None] and name != "csrfmiddlewaretoken"}
