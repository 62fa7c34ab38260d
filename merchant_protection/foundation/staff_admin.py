"""What every page of the staff admin has in common: it shows rows, changes none, and opens by staff role."""

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import display_for_field, flatten_fieldsets, lookup_field
from django.db.models import Model, QuerySet
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextareaWidget

from merchant_protection.foundation import staff_names
from merchant_protection.foundation.errors import Invalid, ProofNeeded, Refusal
from merchant_protection.foundation.money import sign

OPERATIONS = "OPERATIONS"
REVIEWER = "REVIEWER"
SENIOR_REVIEWER = "SENIOR_REVIEWER"
TRAINER = "TRAINER"
REVIEWING = (REVIEWER, SENIOR_REVIEWER, OPERATIONS)
NOTHING = ("", "-", "–", "None")
IN_PALETTE = 20  # of one kind of thing, in the command palette


class ReasonForm(BaseDialogForm):
    """Asks why, for whoever comes after."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=200, widget=UnfoldAdminTextareaWidget({"rows": 3})
    )


class NoteForm(BaseDialogForm):
    """Takes a note, which may stay empty."""

    note = forms.CharField(
        label=gettext_lazy("Note"), max_length=200, required=False, widget=UnfoldAdminTextareaWidget({"rows": 3})
    )


def filled_in(form: BaseDialogForm) -> dict[str, Any]:
    """Return what a person filled into a dialog, without the field by which the theme knows that it was sent."""
    return {name: value for name, value in form.cleaned_data.items() if not name.startswith("_")}


class Named:
    """A row under the name that people know it by: the theme writes the row itself into heads and paths."""

    def __init__(self, row: Any, name: str) -> None:
        self._row, self._name = row, name

    def __getattr__(self, attribute: str) -> Any:
        return getattr(self._row, attribute)

    def __str__(self) -> str:
        return self._name


class ReadOnly:
    """Rows are looked at; what changes them is an action that calls a service."""

    def has_add_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return False


class StaffModelAdmin(ReadOnly, ModelAdmin):
    """Rows from the app's own queries, shown to the staff roles named in `view_roles`.

    Only the columns named in `fields` are shown, so that a new column is never
    shown by accident. `act_roles` may use the actions.
    """

    view_roles: Sequence[str] = (OPERATIONS,)
    act_roles: Sequence[str] = (OPERATIONS,)
    show_full_result_count = False
    list_per_page = 50
    list_filter_submit = True
    ordering = ("-pk",)
    show_add_link = False
    actions = None

    def __init__(self, model: Any, site: Any) -> None:
        staff_names.name_columns(model)
        super().__init__(model, site)

    def rows(self, actor: Any) -> QuerySet[Any]:
        """Return the rows that the actor may see."""
        raise NotImplementedError

    def get_queryset(self, request: Any) -> QuerySet[Any]:
        rows = self.rows(request.actor).order_by(*self.get_ordering(request))
        related = self.list_select_related
        # Django leaves the list's own wish aside when the query already joins something.
        return rows.select_related(*related) if isinstance(related, tuple) else rows

    def get_search_results(self, request: Any, queryset: QuerySet[Any], search_term: str) -> tuple[QuerySet[Any], bool]:
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        if request.resolver_match and request.resolver_match.view_name == "admin:search":
            found = found[:IN_PALETTE]  # the palette reads all it is given
        return found, may_repeat

    def get_readonly_fields(self, request: Any, obj: Any = None) -> Sequence[str]:
        return flatten_fieldsets(self.fieldsets) if self.fieldsets else tuple(self.fields or ())

    def called(self, row: Any) -> str:
        """Return what the page of a row is called: as the row stands in the list, its first two columns."""
        parts = [self._said(row, name) for name in self.list_display[:2]]
        return " · ".join(dict.fromkeys(part for part in parts if part not in NOTHING)) or str(row)

    def _said(self, row: Any, name: Any) -> str:
        field, _attribute, value = lookup_field(name, row, self)
        if field is None:
            return str(value[1] if isinstance(value, tuple) else value)
        return str(value) if field.is_relation else str(display_for_field(value, field, ""))

    def render_change_form(self, request: Any, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        if context.get("original") is not None:
            name = self.called(context["original"])
            context |= {"original": Named(context["original"], name), "subtitle": name}
        return super().render_change_form(request, context, *args, **kwargs)

    def has_view_permission(self, request: Any, obj: Any = None) -> bool:
        return bool(request.actor.has_staff_role(*self.view_roles))

    def has_module_permission(self, request: Any) -> bool:
        return self.has_view_permission(request)

    def has_act_permission(self, request: Any, object_id: Any = None) -> bool:
        """Whether the actor may use the actions of this page."""
        return bool(request.actor.has_staff_role(*self.act_roles))

    def get_actions_detail(self, request: Any, object_id: Any) -> list[Any]:
        possible = self.possible_actions(request, object_id)
        named: list[Any] = super().get_actions_detail(request, object_id)
        if possible is None:
            return named
        return [action for action in named if action.method.original_function_name in possible]

    def possible_actions(self, request: Any, object_id: Any) -> set[str] | None:
        """Return which actions make sense for a row as it stands; nothing said means all of them."""
        return None

    def carry_out(
        self, request: Any, command: Callable[[], Any], *, done: str, object_id: Any = None, prove_at: str = ""
    ) -> Any:
        """Run a command, say how it went, and show the row (or the list) again.

        Where it asks first who the person is, they go to the page `prove_at` and come back to the row.
        """
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}"
        back = reverse(f"{name}_change", args=[object_id]) if object_id else reverse(f"{name}_changelist")
        try:
            command()
        except ProofNeeded as refusal:
            messages.info(request, refusal.message)
            back = f"{prove_at}?{urlencode({'next': back})}" if prove_at else back
        except Refusal as refusal:
            messages.error(request, _words(refusal))
        else:
            messages.success(request, done)
        return HttpResponse(headers={"HX-Redirect": back})


class StaffInline(ReadOnly, TabularInline):
    """Rows beneath another row, which opened by its own roles."""

    extra = 0
    tab = True
    show_change_link = False

    def __init__(self, parent_model: Any, site: Any) -> None:
        staff_names.name_columns(self.model)
        super().__init__(parent_model, site)

    def has_view_permission(self, request: Any, obj: Any = None) -> bool:
        return bool(request.actor.is_staff)

    def get_readonly_fields(self, request: Any, obj: Any = None) -> Sequence[str]:
        return tuple(self.fields or ())


def money(model: type[Model], name: str) -> Any:
    """Make a column that shows an amount with two decimals, and the currency where the row knows one."""

    field: Any = model._meta.get_field(name)

    @display(description=field.verbose_name, ordering=name)
    def shown(page: Any, row: Any) -> str:
        amount = getattr(row, name)
        currency = getattr(row, "currency", "")
        return "–" if amount is None else f"{sign(currency) if currency else ''}{amount:,.2f}"

    return shown


def _words(refusal: Refusal) -> str:
    if isinstance(refusal, Invalid) and refusal.fields:
        return " ".join(reason for reasons in refusal.fields.values() for reason in reasons)
    return str(refusal.message or _("This is not possible here."))
