"""A verdict as the form of the case page sends it."""

from django.http import QueryDict

from claims.services.writing import Verdict
from merchant_protection.foundation import row_numbers

LINE = "line_"


def read_verdict(form: QueryDict) -> Verdict:
    """Return what the form says; whether it makes sense is for the service to judge."""
    lines = {
        int(name.removeprefix(LINE)): value
        for name, value in form.items()
        if name.startswith(LINE) and name.removeprefix(LINE).isdecimal()
    }
    return Verdict(
        result=str(form.get("result", "")),
        reason_codes=[str(code) for code in form.getlist("reason_codes") if code],
        note=str(form.get("note", "")),
        buyer_note=str(form.get("buyer_note", "")),
        internal_note=str(form.get("internal_note", "")),
        lines={ordinal: str(result) for ordinal, result in lines.items()},
        remedies=[str(kind) for kind in form.getlist("remedies")],
    )


def read_version(form: QueryDict) -> int | None:
    """Return the version of the page that was decided on."""
    return row_numbers.read(str(form.get("version", "")))
