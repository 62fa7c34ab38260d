"""What the trainers' pages have in common."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import get_language
from unfold.forms import BaseDialogForm

from merchant_protection.foundation.errors import Conflict, Invalid, NotAllowed, NotFound
from merchant_protection.foundation.staff_admin import OPERATIONS, TRAINER, StaffModelAdmin
from training.rules import languages
from training.rules.yaml_reading import Faulty
from training.services import fault_words

TEACHING = (TRAINER, OPERATIONS)


def words(pair: Mapping[str, str] | None) -> str:
    """Return a text in the trainer's language."""
    return languages.in_language(pair, get_language()) or "–"


def refusals(request: HttpRequest, command: Callable[[], Any], *, done: str = "") -> bool:
    """Run a command and say how it went; return whether it was done."""
    try:
        command()
    except Faulty as fault:
        for line in fault_words.lines(fault.faults[:20]):
            messages.error(request, line)
    except Invalid as refusal:
        for reason in (each for reasons in refusal.fields.values() for each in reasons):
            messages.error(request, str(fault_words.WORDS.get(reason, reason)))
    except (Conflict, NotAllowed, NotFound) as refusal:
        messages.error(request, refusal.message or type(refusal).__name__)
    else:
        if done:
            messages.success(request, done)
        return True
    return False


class ConfirmForm(BaseDialogForm):
    """Nothing to fill in: a change is asked for by a form, never by opening an address."""


class TrainingAdmin(StaffModelAdmin):
    """Rows of training: for trainers and operations to see, for trainers to change."""

    view_roles = TEACHING
    act_roles = (TRAINER,)
    own_pages: Mapping[str, str] = {}

    def get_urls(self) -> list[URLPattern]:
        """Add the pages named in `own_pages` (address → method), each under the roles of this list."""
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        own = [
            path(where, self.admin_site.admin_view(getattr(self, method)), name=f"{name}_{method}")
            for where, method in self.own_pages.items()
        ]
        known = super().get_urls()
        rows = [each for each in known if str(each.name).endswith("_changelist")]
        return [*rows, *own, *known]

    def page(self, request: HttpRequest, template: str, title: str, **context: Any) -> HttpResponse:
        """Show a page of our own inside the theme."""
        whole = {**self.admin_site.each_context(request), "title": title, "opts": self.opts, **context}
        return render(request, f"admin/training/{template}.html", whole)

    def back_to(self, name: str, *args: Any) -> HttpResponseRedirect:
        """Go to another page of this list."""
        return HttpResponseRedirect(reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{name}", args=args))
