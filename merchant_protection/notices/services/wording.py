"""Notices and mails in words, in the language of who reads them."""

import html
import json
import re
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.functional import Promise

from merchant_protection.foundation import crypto
from merchant_protection.notices.models import Notice

SPACE_AFTER_STOP = re.compile(r"(?<=[。；！？]) +")


@dataclass(frozen=True)
class Words:
    """A notice as it is read: one line that says what happened, and one that says what to do."""

    title: str
    text: str


@dataclass(frozen=True)
class Kind:
    """A kind of notice that people can choose to get by e-mail."""

    name: str
    label: str | Promise
    urgency: str = Notice.Urgency.NORMAL

    @property
    def is_critical(self) -> bool:
        """Whether it always goes out by e-mail."""
        return self.urgency == Notice.Urgency.CRITICAL

    @property
    def mails_by_default(self) -> bool:
        """Whether people get it by e-mail who said nothing."""
        return self.urgency != Notice.Urgency.QUIET


def kinds() -> list[Kind]:
    """Return the kinds of notice that the apps name in their settings line."""
    return [Kind(name, label, urgency) for name, (label, urgency) in settings.NOTICE_KINDS.items()]


def groups() -> list[tuple[Promise, list[Kind]]]:
    """Return the kinds of notice as people choose among them, feature by feature."""
    known = {kind.name: kind for kind in kinds()}
    return [(title, [known[name] for name in some]) for title, some in settings.NOTICE_GROUPS]


@dataclass(frozen=True)
class Letter:
    """A mail ready to be sent."""

    subject: str
    text: str
    html: str

    def sealed(self) -> str:
        """Return the letter encrypted: links in it are secrets."""
        return crypto.seal(json.dumps([self.subject, self.text, self.html]))

    @classmethod
    def unsealed(cls, sealed: str) -> "Letter":
        """Return the letter that was sealed."""
        return cls(*json.loads(crypto.unseal(sealed)))


def of_notice(notice: Notice) -> Words:
    """Return a notice in the language now active."""
    template = f"notices/kinds/{notice.kind}.html"
    context = {"notice": notice, **notice.params}
    title, text = (html.unescape(render_to_string(f"{template}#{part}", context)) for part in ("title", "text"))
    # Plain text: whoever shows it escapes it for where it stands.
    return Words(title=_tidy(title), text=_tidy(text))


def _tidy(text: str) -> str:
    """Put a text in one line; between Chinese sentences stands no space."""
    return SPACE_AFTER_STOP.sub("", " ".join(text.split()))


def letter_of_notice(notice: Notice, *, language: str, reader_id: int | None = None) -> Letter:
    """Return the mail that carries a notice, in a language; some can be answered by links made for its reader.

    Its times are the shop's.
    """
    with translation.override(language), timezone.override(notice.merchant.time_zone):
        words = of_notice(notice)
        context = {"words": words, "notice": notice, "shop": notice.merchant.name, "link": address(notice.path)}
        context["answers"] = _answers(notice, reader_id)
        return letter("notice", context, subject=f"{words.title} · {notice.merchant.name}")


def _answers(notice: Notice, reader_id: int | None) -> list[list[str]]:
    """Return the words and the address of each answer a notice offers in its mail: one a line, parted by a tab."""
    if reader_id is None or not notice.params.get("links"):
        return []
    context = {"notice": notice, "reader_id": reader_id, **notice.params}
    lines = html.unescape(render_to_string(f"notices/kinds/{notice.kind}.html#answers", context)).splitlines()
    return [line.strip().split("\t") for line in lines if "\t" in line]


def letter(name: str, context: dict[str, Any], *, subject: str) -> Letter:
    """Return the mail `name` in the language now active."""
    context = {"subject": subject, "language": translation.get_language(), "portal": settings.PUBLIC_URL, **context}
    return Letter(
        subject=" ".join(subject.split()),
        text=render_to_string(f"notices/mail/{name}.txt", context),
        html=render_to_string(f"notices/mail/{name}.html", context),
    )


def address(path: str) -> str:
    """Return the full address of a path of the portal."""
    return f"{settings.PUBLIC_URL.rstrip('/')}/{path.lstrip('/')}"
