"""Logs: one JSON object a line, with the request's id, without personal data."""

import json
import logging
import re
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

request_id: ContextVar[str] = ContextVar("request_id", default="")

_PLAIN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "request_id", "taskName"}


KEY = re.compile(r"(mp_(?:live|test)_)[A-Za-z0-9]{4,}(?:_[A-Za-z0-9_-]+)?")
# By design none of these come here; what a library puts into its errors is taken out all the same.
HIDDEN = (
    (KEY, r"\1***"),
    (re.compile(r"whsec_[A-Za-z0-9+/=_-]{8,}"), "whsec_***"),
    (re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+"), "***@***"),
    (re.compile(r"(?<![0-9A-Za-z_.-])(?:\+?86[- ]?)?1[3-9][0-9](?:[- ]?[0-9]{4}){2}(?![0-9A-Za-z_-]|\.[0-9])"), "***"),
)


def hide(text: str) -> str:
    """Take keys, secrets, e-mail addresses and telephone numbers out of a text."""
    for pattern, instead in HIDDEN:
        text = pattern.sub(instead, text)
    return text


class AddRequestId(logging.Filter):
    """Puts the id of the request at work on every record."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get()
        return True


class JsonLines(logging.Formatter):
    """Writes a record as one JSON object; objects passed as `extra` become fields."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record_id := getattr(record, "request_id", ""):
            line["request_id"] = record_id
        line |= {key: value for key, value in vars(record).items() if key not in _PLAIN and _is_plain(value)}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return hide(json.dumps(line, ensure_ascii=False))


class Text(logging.Formatter):
    """Writes a record as a line to read."""

    def format(self, record: logging.LogRecord) -> str:
        return hide(super().format(record))


def _is_plain(value: object) -> bool:
    return isinstance(value, str | int | float | bool)


def settings(*, level: str, as_json: bool) -> dict[str, Any]:
    """Return Django's LOGGING: everything to standard error, as JSON lines or as readable text."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"request_id": {"()": AddRequestId}},
        "formatters": {
            "json": {"()": JsonLines},
            "text": {"()": Text, "fmt": "%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s"},
        },
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": "json" if as_json else "text",
                "filters": ["request_id"],
            }
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {"django.db.backends": {"level": "INFO"}, "httpx": {"level": "WARNING"}},
    }
