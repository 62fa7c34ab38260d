"""The editor of a policy: sentences with gaps, read into terms and written from them."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from merchant_protection.foundation.choices import offer
from merchant_protection.foundation.errors import Invalid
from merchant_protection.marketplace.forms import DateWindow
from scalper_policies.models import Kind, Matched, PolicyVersion
from scalper_policies.rules import terms
from scalper_policies.rules.policy import (
    MOST_A_MINUTE,
    AddressRule,
    Band,
    Check,
    ClusterRule,
    Dimension,
    Eligibility,
    Limit,
    Measure,
    Policy,
    SaleMode,
    Scope,
    Verdict,
    velocity,
)

WEIGHTS = [(20, _("ask for a check")), (50, _("hold the order")), (100, _("reject the order"))]
WEIGHTS_OR_NOT = [("", _("let it pass")), *WEIGHTS]
UNITS = [
    ("LAUNCH", _("the whole launch")),
    ("HOURS", pgettext_lazy("time", "hours")),
    ("DAYS", _("days")),
    ("MINUTES", _("minutes")),
]
LENGTHS = {"HOURS": timedelta(hours=1), "DAYS": timedelta(days=1), "MINUTES": timedelta(minutes=1)}
DIMENSIONS = [
    (Dimension.ACCOUNT, _("One account")),
    (Dimension.PHONE, _("One phone number")),
    (Dimension.IDENTITY, _("One person")),
    (Dimension.DEVICE, _("One device")),
    (Dimension.PAYMENT, _("One payment instrument")),
    (Dimension.RECIPIENT, _("One recipient with phone")),
    (Dimension.ADDRESS, _("One address")),
    (Dimension.ADDRESS_CLUSTER, _("One address, however it is written,")),
    (Dimension.BUILDING, _("One building")),
    (Dimension.HOUSEHOLD, _("One household")),
    (Dimension.CLUSTER, _("One cluster of accounts")),
    (Dimension.IP, _("One IP address")),
    (Dimension.IP_NET, _("One network")),
]
MEASURES = [(Measure.UNITS, _("pieces")), (Measure.ORDERS, _("orders"))]
MODES = [
    (SaleMode.FIRST_COME, _("First come, first served")),
    (SaleMode.QUEUE, _("Buyers wait in a queue")),
    (SaleMode.DRAW, _("A draw with equal odds")),
    (SaleMode.INVITATION, _("Only invited buyers")),
]
CHECKS = [
    (Check.CONFIRM, _("the buyer confirms the order")),
    (Check.CAPTCHA, _("a slider or picture puzzle")),
    (Check.PHONE, _("a code sent to the phone")),
    (Check.IDENTITY, _("the buyer's real name")),
    (Check.PAYMENT, _("an amount held on the means of payment")),
]
FAILURES = [
    (Verdict.ALLOW, _("let the order pass")),
    (Verdict.VERIFY, _("ask for a check")),
    (Verdict.HOLD, _("hold the order")),
    (Verdict.REJECT, _("reject the order")),
]
TAGS = ("FREIGHT_FORWARDER", "PARCEL_LOCKER", "LOGISTICS_PARK", "POST_BOX")
VELOCITIES = (Dimension.IP, Dimension.DEVICE, Dimension.ADDRESS_CLUSTER)
LOCAL = "%Y-%m-%dT%H:%M"


def moment_field(label: Any, help_text: Any = "") -> forms.DateTimeField:
    """A day and time in the shop's zone."""
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=LOCAL)
    return forms.DateTimeField(
        label=label, help_text=help_text, required=False, widget=widget, input_formats=[LOCAL, "%Y-%m-%dT%H:%M:%S"]
    )


class LimitForm(forms.Form):
    """One sentence: who may buy how much in which time, and what happens to the rest."""

    dimension = forms.ChoiceField(label=_("Who"), choices=DIMENSIONS, required=False)
    most = forms.IntegerField(label=_("How many"), min_value=1, max_value=1_000_000, required=False)
    measure = forms.ChoiceField(label=_("Of what"), choices=MEASURES, required=False)
    length = forms.IntegerField(label=_("In how many"), min_value=1, max_value=10_000, required=False)
    unit = forms.ChoiceField(label=_("Time"), choices=UNITS, required=False, initial="HOURS")
    per_listing = forms.BooleanField(label=_("each listing counts apart"), required=False)
    weight = forms.TypedChoiceField(label=_("Otherwise"), choices=WEIGHTS, coerce=int, required=False, initial=100)

    def clean(self) -> dict[str, Any]:
        """A sentence with a number needs its time too."""
        said: dict[str, Any] = self.cleaned_data
        if said.get("most") and said.get("unit") != "LAUNCH" and not said.get("length") and "length" not in self.errors:
            self.add_error("length", _("Enter a number."))
        return said

    def limit(self) -> Limit | None:
        """Return the rule the sentence says; nothing when it was left empty."""
        said = self.cleaned_data
        if not said.get("most"):
            return None
        window = None if said["unit"] == "LAUNCH" else LENGTHS[said["unit"]] * said["length"]
        measure = Measure(said["measure"] or Measure.UNITS)
        dimension = Dimension(said["dimension"])
        return Limit(
            id=rule_id(dimension, measure, window, per_listing=said["per_listing"]),
            dimension=dimension,
            most=said["most"],
            window=window,
            measure=measure,
            per_listing=said["per_listing"],
            score=said["weight"] or 100,
        )


LimitForms = forms.formset_factory(LimitForm, extra=1, max_num=30, validate_max=True)


def rule_id(dimension: Dimension, measure: Measure, window: timedelta | None, *, per_listing: bool) -> str:
    """Name a limit by what it counts, so that it keeps its counts when only its number changes."""
    length = "launch" if window is None else f"{int(window.total_seconds()) // 60}m"
    parts = [dimension.value.lower(), measure.value.lower(), length, *(["each"] if per_listing else [])]
    return "-".join(parts)


class PolicyForm(forms.Form):
    """Everything of a policy but its limits."""

    name = forms.CharField(label=_("Name"), max_length=120)
    all_listings = forms.BooleanField(label=_("Every listing of the shop"), required=False)
    skus = forms.CharField(
        label=_("Listings"),
        required=False,
        help_text=_("SKUs, separated by spaces or lines."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    starts_at = moment_field(_("Starts"))
    ends_at = moment_field(_("Ends"))
    channels = forms.CharField(label=_("Only in these channels"), required=False, max_length=400)
    regions = forms.CharField(label=_("Only in these regions"), required=False, max_length=400)
    announced_at = moment_field(
        _("Announced"), _("Age and orders are measured before it, so that news makes nobody eligible.")
    )
    account_created_before = moment_field(_("Accounts must be older than"))
    phone_verified = forms.BooleanField(label=_("Verified phone"), required=False)
    real_name_verified = forms.BooleanField(label=_("Verified real name"), required=False)
    levels = forms.CharField(label=_("Only these member levels"), required=False, max_length=400)
    paid_orders = forms.IntegerField(label=_("Paid orders at least"), min_value=0, max_value=10_000, required=False)
    paid_orders_before = moment_field(_("Paid before"))
    entitlement = forms.CharField(label=_("Only with the entitlement"), required=False, max_length=80)
    eligibility_weight = forms.TypedChoiceField(
        label=_("Whoever does not fit"), choices=WEIGHTS, coerce=int, initial=100
    )
    velocity_ip = forms.IntegerField(label=_("From one IP address"), min_value=1, max_value=100_000, required=False)
    velocity_device = forms.IntegerField(label=_("From one device"), min_value=1, max_value=100_000, required=False)
    velocity_address_cluster = forms.IntegerField(
        label=_("To one address"), min_value=1, max_value=100_000, required=False
    )
    velocity_weight = forms.TypedChoiceField(label=_("Faster orders"), choices=WEIGHTS, coerce=int, initial=50)
    tag_freight_forwarder = forms.TypedChoiceField(
        label=_("Freight forwarders"), choices=WEIGHTS_OR_NOT, coerce=int, empty_value=None, required=False
    )
    tag_parcel_locker = forms.TypedChoiceField(
        label=_("Parcel lockers"), choices=WEIGHTS_OR_NOT, coerce=int, empty_value=None, required=False
    )
    tag_logistics_park = forms.TypedChoiceField(
        label=_("Logistics parks"), choices=WEIGHTS_OR_NOT, coerce=int, empty_value=None, required=False
    )
    tag_post_box = forms.TypedChoiceField(
        label=_("Post boxes"), choices=WEIGHTS_OR_NOT, coerce=int, empty_value=None, required=False
    )
    cluster_weight = forms.TypedChoiceField(
        label=_("Accounts tied by two independent signals"),
        choices=WEIGHTS_OR_NOT,
        coerce=int,
        empty_value=None,
        required=False,
    )
    mode = forms.ChoiceField(label=_("How it is sold"), choices=MODES, initial=SaleMode.FIRST_COME)
    queue_per_minute = forms.IntegerField(
        label=_("In a queue, orders that go on in a minute"), min_value=1, max_value=MOST_A_MINUTE, required=False
    )
    check = forms.ChoiceField(label=_("What a check asks for"), choices=CHECKS, required=False)
    hold_hours = forms.IntegerField(label=_("Held orders wait at most"), min_value=1, max_value=720, initial=24)
    may_reject = forms.BooleanField(
        label=_("May reject orders (the marketplace's staff approve it first)"), required=False
    )
    when_we_fail = forms.ChoiceField(label=_("When we cannot answer in time"), choices=FAILURES, initial=Verdict.ALLOW)
    reason = forms.CharField(label=_("Why this change"), max_length=300, required=False)

    def terms(self, limits: list[Limit]) -> dict[str, Any]:
        """Return what the form says as a policy's terms; the form and the limits must be valid."""
        said = self.cleaned_data
        policy = Policy(
            scope=Scope(
                skus=frozenset(_words(said["skus"])),
                all_listings=said["all_listings"],
                starts_at=said["starts_at"],
                ends_at=said["ends_at"],
                time_zone=timezone.get_current_timezone_name(),
                channels=frozenset(_words(said["channels"])),
                regions=frozenset(_words(said["regions"])),
            ),
            eligibility=self._eligibility(),
            limits=tuple(limits),
            velocity=tuple(self._velocity()),
            addresses=tuple(self._addresses()),
            clusters=(ClusterRule("cluster", score=said["cluster_weight"]),) if said["cluster_weight"] else (),
            mode=SaleMode(said["mode"]),
            queue_per_minute=said["queue_per_minute"] or Policy().queue_per_minute,
            check=Check(said["check"] or Check.CONFIRM),
            bands=bands(hold_hours=said["hold_hours"], may_reject=said["may_reject"]),
            when_we_fail=Verdict(said["when_we_fail"]),
        )
        return terms.to_plain(policy)

    def _eligibility(self) -> Eligibility:
        said = self.cleaned_data
        return Eligibility(
            announced_at=said["announced_at"],
            account_created_before=said["account_created_before"],
            phone_verified=said["phone_verified"],
            real_name_verified=said["real_name_verified"],
            levels=frozenset(_words(said["levels"])),
            paid_orders=said["paid_orders"] or 0,
            paid_orders_before=said["paid_orders_before"],
            entitlement=said["entitlement"].strip(),
            score=said["eligibility_weight"],
        )

    def _velocity(self) -> Iterator[Limit]:
        for dimension in VELOCITIES:
            if most := self.cleaned_data[f"velocity_{dimension.value.lower()}"]:
                weight = self.cleaned_data["velocity_weight"]
                yield velocity(f"{dimension.value.lower()}-velocity", dimension, orders=most, score=weight)

    def _addresses(self) -> Iterator[AddressRule]:
        for tag in TAGS:
            if weight := self.cleaned_data[f"tag_{tag.lower()}"]:
                yield AddressRule(f"to-{tag.lower()}", tag, weight)


def bands(*, hold_hours: int, may_reject: bool) -> tuple[Band, ...]:
    """Return from which score on an order is checked, held or rejected; several lighter things add up."""
    found = [Band(1, Verdict.VERIFY), Band(40, Verdict.HOLD, hours=hold_hours)]
    return (*found, Band(100, Verdict.REJECT)) if may_reject else tuple(found)


def initial_of(plain: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the form shows of a policy's terms."""
    policy = terms.from_plain(plain)
    scope, wanted = policy.scope, policy.eligibility
    shown: dict[str, Any] = {
        "all_listings": scope.all_listings,
        "skus": "\n".join(sorted(scope.skus)),
        "channels": " ".join(sorted(scope.channels)),
        "regions": " ".join(sorted(scope.regions)),
        "levels": " ".join(sorted(wanted.levels)),
        "phone_verified": wanted.phone_verified,
        "real_name_verified": wanted.real_name_verified,
        "paid_orders": wanted.paid_orders or None,
        "entitlement": wanted.entitlement,
        "eligibility_weight": _weight(wanted.score),
        "mode": policy.mode.value,
        "queue_per_minute": policy.queue_per_minute,
        "check": policy.check.value,
        "hold_hours": next((band.hours for band in policy.bands if band.verdict is Verdict.HOLD and band.hours), 24),
        "may_reject": terms.harshest(policy) is Verdict.REJECT,
        "when_we_fail": policy.when_we_fail.value,
        "velocity_weight": _weight(policy.velocity[0].score) if policy.velocity else 50,
        "cluster_weight": _weight(policy.clusters[0].score) if policy.clusters else "",
    }
    shown |= {name: _local(getattr(scope, name)) for name in ("starts_at", "ends_at")}
    shown |= {
        name: _local(getattr(wanted, name)) for name in ("announced_at", "account_created_before", "paid_orders_before")
    }
    shown |= {f"velocity_{limit.dimension.value.lower()}": limit.most for limit in policy.velocity}
    return shown | {f"tag_{rule.tag.lower()}": _weight(rule.score) for rule in policy.addresses}


def initial_limits(plain: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what the sentences show of a policy's limits."""
    return [_sentence(limit) for limit in terms.from_plain(plain).limits]


def limits_of(sentences: Any) -> list[Limit]:
    """Return the rules of the sentences that were filled in; two that count the same are one too many."""
    found = [limit for limit in (form.limit() for form in sentences) if limit]
    if len({limit.id for limit in found}) < len(found):
        raise Invalid(fields={"limits": [str(_("Two sentences count the same; keep one of them."))]})
    return found


def _sentence(limit: Limit) -> dict[str, Any]:
    unit, length = "LAUNCH", None
    if limit.window is not None:
        unit = next(
            name for name in ("DAYS", "HOURS", "MINUTES") if not limit.window % LENGTHS[name] or name == "MINUTES"
        )
        length = limit.window // LENGTHS[unit]
        if unit == "DAYS" and length == 1:
            unit, length = "HOURS", 24
    return {
        "dimension": limit.dimension.value,
        "most": limit.most,
        "measure": limit.measure.value,
        "length": length,
        "unit": unit,
        "per_listing": limit.per_listing,
        "weight": _weight(limit.score),
    }


def _weight(score: int) -> int:
    return min((20, 50, 100), key=lambda weight: abs(weight - score))


def _words(text: str) -> list[str]:
    return [word for word in text.replace("，", " ").replace(",", " ").replace("、", " ").split() if word]


def _local(moment: datetime | None) -> datetime | None:
    return timezone.localtime(moment) if moment else None


class DecisionFilter(DateWindow):
    """Which answers."""

    q = forms.CharField(required=False, max_length=80)
    verdict = forms.ChoiceField(required=False, choices=[("", ""), *PolicyVersion.Answer.choices])
    policy = forms.IntegerField(required=False, min_value=1, max_value=2**62)
    rule = forms.CharField(required=False, max_length=60)


class EntryForm(forms.Form):
    """One entry of a list, or a file of them."""

    kind = forms.ChoiceField(label=_("List"), choices=Kind.choices)
    dimension = forms.ChoiceField(label=_("What is matched"), choices=Matched.choices)
    text = forms.CharField(
        label=_("Entry"), required=False, max_length=1000, help_text=_("Kept only as a keyed hash; shown masked.")
    )
    file = forms.FileField(
        label=_("Or a file"),
        required=False,
        help_text=_("CSV with one entry a row in the first column, up to a million rows."),
    )
    expires_at = forms.DateField(
        label=_("Until"),
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
        help_text=_("Within the next two years."),
    )
    reason = forms.CharField(label=_("Reason"), max_length=300)

    def clean(self) -> dict[str, Any]:
        """An entry or a file, one of them."""
        said: dict[str, Any] = self.cleaned_data
        if bool(said.get("text")) == bool(said.get("file")) and "file" not in self.errors:
            self.add_error("text", _("Enter one entry, or choose a file."))
        return said

    def ends(self) -> datetime | None:
        """Return the end of the day that was chosen, in the shop's zone."""
        day = self.cleaned_data.get("expires_at")
        zone = timezone.get_current_timezone()
        return datetime.combine(day, time.max, tzinfo=zone) if day else None


class DrawForm(forms.Form):
    """When entries open and close, and how many may buy."""

    name = forms.CharField(label=_("Name"), max_length=120)
    places = forms.IntegerField(label=_("Places"), min_value=1, max_value=1_000_000)
    opens_at = moment_field(_("Entries open"))
    closes_at = moment_field(_("Entries close"))
    policy_id = forms.TypedChoiceField(
        label=_("Policy"),
        coerce=int,
        empty_value=None,
        required=False,
        help_text=_("Where the policy sells by a draw, only buyers whom this draw chose may buy under it."),
    )

    def __init__(self, *args: Any, of: Iterable[tuple[int, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "policy_id", [("", _("None: it only says who was chosen")), *of])
        self.fields["opens_at"].required = self.fields["closes_at"].required = True
