"""What the dialogs ask when a baseline rule is written, and when something is overruled."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from merchant_protection.foundation.staff_admin import ReasonForm
from scalper_policies import wording
from scalper_policies.models import PolicyVersion
from scalper_policies.queries import baseline as queries
from scalper_policies.queries import policies as policy_queries
from scalper_policies.rules import terms, words
from scalper_policies.rules.policy import EVERY_RULE, Dimension, Measure, Verdict

ANSWERS = [
    (Verdict.VERIFY.value, _("Ask for a check")),
    (Verdict.HOLD.value, _("Hold for 24 hours")),
    (Verdict.REJECT.value, _("Reject")),
]
MEASURES = [(Measure.UNITS.value, _("units")), (Measure.ORDERS.value, _("orders"))]
TAGS = ("FREIGHT_FORWARDER", "PARCEL_LOCKER", "LOGISTICS_PARK", "POST_BOX")
MINUTES = [
    (1, _("1 minute")),
    (10, _("10 minutes")),
    (60, _("1 hour")),
    (24 * 60, _("24 hours")),
    (7 * 24 * 60, _("7 days")),
    (30 * 24 * 60, _("30 days")),
]
HOURS = [(1, _("1 hour")), (24, _("24 hours")), (7 * 24, _("7 days")), (30 * 24, _("30 days")), (90 * 24, _("90 days"))]


def choice(label: Any, choices: Any, **more: Any) -> forms.ChoiceField:
    """A list to choose from, as the staff pages draw it."""
    return forms.ChoiceField(label=label, choices=choices, widget=UnfoldAdminSelectWidget, **more)


def row_of(form: BaseDialogForm) -> int:
    """Return the row a dialog was opened on; an address that names none names row 0."""
    return int(form.object_id) if str(form.object_id).isdecimal() else 0


def rules_of(plain: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the rules that terms name themselves, each with the sentence that says it."""
    said = wording.rules(plain)
    return [(rule.id, said[rule.id]) for rule in terms.from_plain(plain).rules]


class LimitForm(BaseDialogForm):
    """At most so many units or orders for one of whom, in how long, and what happens to more."""

    dimension = choice(_("For"), ())
    most = forms.IntegerField(
        label=_("At most"), min_value=1, max_value=1_000_000, widget=UnfoldAdminIntegerFieldWidget
    )
    measure = choice(_("Counted in"), MEASURES)
    window = choice(_("In"), MINUTES)
    answer = choice(_("What happens to more"), ANSWERS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["dimension"].choices = [(each.value, wording.dimension(each.value)) for each in Dimension]

    def limit(self) -> dict[str, Any]:
        """Return what was said of the limit."""
        said = self.cleaned_data
        return {
            "dimension": Dimension(said["dimension"]),
            "most": said["most"],
            "measure": Measure(said["measure"]),
            "window": timedelta(minutes=int(said["window"])),
            "answer": Verdict(said["answer"]),
        }


class AddressForm(BaseDialogForm):
    """A kind of address, and what happens to orders to it."""

    tag = choice(_("Addresses"), ())
    answer = choice(_("What happens to orders there"), ANSWERS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tag"].choices = [(tag, words.name_of(tag, gettext)) for tag in TAGS]


class TiesForm(BaseDialogForm):
    """By how many signals accounts are tied, and what happens to their orders."""

    signals = forms.IntegerField(
        label=_("Independent signals"), min_value=2, max_value=5, initial=2, widget=UnfoldAdminIntegerFieldWidget
    )
    answer = choice(_("What happens to their orders"), ANSWERS)


class RuleForm(BaseDialogForm):
    """Which rule of a draft is taken out."""

    rule = choice(_("Rule"), ())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        version = queries.visible_to(self.request.actor).filter(pk=row_of(self)).first()
        self.fields["rule"].choices = rules_of(version.terms) if version else []


class AnswerForm(ReasonForm):
    """Another answer about one order, for how long, and why."""

    verdict = choice(_("Answer instead"), PolicyVersion.Answer.choices)
    hours = choice(_("For how long"), HOURS)
    field_order = ("verdict", "hours", "reason")


class ShopRuleForm(ReasonForm):
    """Which rule says nothing in a shop, for how long, and why."""

    shop = forms.CharField(label=_("Code of the shop"), max_length=60, widget=UnfoldAdminTextInputWidget)
    rule = choice(_("Rule"), ())
    hours = choice(_("For how long"), HOURS)
    field_order = ("shop", "rule", "hours", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        said = {name: text for version in queries.live() for name, text in rules_of(version.terms)}
        self.fields["rule"].choices = [(EVERY_RULE, _("Every rule")), *said.items()]
        self.fields["rule"].required = False


class OwnRuleForm(ReasonForm):
    """Which rule of a shop's own policy says nothing, for how long, and why."""

    rule = choice(_("Rule"), (), required=False)
    hours = choice(_("For how long"), HOURS)
    field_order = ("rule", "hours", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        version = policy_queries.versions_visible_to(self.request.actor).filter(pk=row_of(self)).first()
        self.fields["rule"].choices = [(EVERY_RULE, _("Every rule")), *(rules_of(version.terms) if version else [])]
