"""Incidents: one doubted price on one listing, what was done, which orders it touched."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from merchant_protection.accounts.models import Merchant
from merchant_protection.foundation import tenancy
from merchant_protection.marketplace.models import Buyer, Listing, Order, PlatformAction
from merchant_protection.marketplace.models.listings import MONEY
from pricing_guard.lifecycle import OPEN_INCIDENTS, IncidentStatus
from pricing_guard.models.policies import GuardPolicy


class Incident(models.Model):
    """A price somebody should look at, from the first doubt to the last affected order (错价事件)."""

    class Status(models.TextChoices):
        SUSPECTED = IncidentStatus.SUSPECTED, _("Suspected")
        INTENDED = IncidentStatus.INTENDED, _("Meant")
        CORRECTED = IncidentStatus.CORRECTED, _("Corrected")
        TRIPPED = IncidentStatus.TRIPPED, _("Stopped")
        RESTORED = IncidentStatus.RESTORED, _("On sale again")
        CLOSED = IncidentStatus.CLOSED, _("Closed")

    class Severity(models.IntegerChoices):
        NOTE = 0, _("Note")
        DOUBTFUL = 1, _("Doubtful")
        SERIOUS = 2, _("Serious")
        CRITICAL = 3, _("Critical")

    class Source(models.TextChoices):
        PRICE = "PRICE", _("A price was changed")
        PROMOTION = "PROMOTION", _("A promotion")
        ORDERS = "ORDERS", _("Orders")
        RECHECK = "RECHECK", _("The periodic check")

    class SaleFault(models.TextChoices):
        REFUSED = "REFUSED", _("The platform refused the price.")
        TRIES = "TRIES", _("The platform did not set the price in five tries.")
        REPLACED = "REPLACED", _("Another price took its place.")
        SWITCH = "SWITCH", _("A kill switch keeps every action back.")

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", db_index=False)
    listing = models.ForeignKey(Listing, models.PROTECT, related_name="incidents", db_index=False)
    status = models.CharField(_("status"), max_length=9, choices=Status, default=Status.SUSPECTED)
    severity = models.PositiveSmallIntegerField(_("severity"), choices=Severity)
    source = models.CharField(_("found by"), max_length=9, choices=Source)
    cause = models.CharField(_("cause"), max_length=120)
    check_name = models.CharField(_("check"), max_length=30)
    policy = models.ForeignKey(GuardPolicy, models.PROTECT, null=True, blank=True, related_name="+")
    policy_number = models.PositiveIntegerField(_("policy version"), null=True, blank=True)
    mode = models.CharField(_("mode"), max_length=8, choices=GuardPolicy.Mode)
    price = models.DecimalField(_("price"), **MONEY)
    effective_price = models.DecimalField(_("effective price"), null=True, blank=True, **MONEY)
    reference_price = models.DecimalField(pgettext_lazy("price", "reference"), null=True, blank=True, **MONEY)
    reference_kind = models.CharField(max_length=20, blank=True)
    revert_price = models.DecimalField(_("price to go back to"), null=True, blank=True, **MONEY)
    currency = models.CharField(_("currency"), max_length=3)
    price_version = models.BigIntegerField(default=0)
    findings = models.JSONField(_("findings"), default=list)
    plan = models.JSONField(_("what follows"), default=dict)
    projected = models.JSONField(_("estimate of what it spared"), default=dict, blank=True)
    since = models.DateTimeField(_("wrong since"))
    opened_at = models.DateTimeField(pgettext_lazy("incident", "opened"))
    due_at = models.DateTimeField(_("acts by itself at"), null=True, blank=True)
    remind_at = models.DateTimeField(null=True, blank=True)
    ledger_due_at = models.DateTimeField(null=True, blank=True)
    reminded = models.PositiveSmallIntegerField(default=0)
    tripped_at = models.DateTimeField(_("stopped"), null=True, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    answered_by = models.CharField(_("by"), max_length=200, blank=True)
    # Asked to sell again at the good price, which the platform has yet to set; and why it has not.
    sale_asked_at = models.DateTimeField(_("to be sold again"), null=True, blank=True)
    sale_fault = models.CharField(
        _("why it is not sold again"), max_length=8, choices=SaleFault, blank=True, default="", db_default=""
    )
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("price incident")
        verbose_name_plural = _("price incidents")
        indexes = [
            models.Index(fields=["merchant", "-opened_at", "-id"], name="pricing_guard_incident_recent"),
            models.Index(fields=["merchant", "status", "-opened_at"], name="pricing_guard_incident_status"),
            models.Index(fields=["merchant", "listing", "-id"], name="pricing_guard_incident_of"),
            models.Index(fields=["merchant", "cause"], name="pricing_guard_incident_cause"),
            models.Index(
                fields=["due_at"], condition=models.Q(due_at__isnull=False), name="pricing_guard_incident_due"
            ),
            models.Index(
                fields=["remind_at"],
                condition=models.Q(remind_at__isnull=False),
                name="pricing_guard_incident_remind",
            ),
            models.Index(
                fields=["ledger_due_at"],
                condition=models.Q(ledger_due_at__isnull=False),
                name="pricing_guard_incident_ledger",
            ),
        ]
        constraints = [
            tenancy.TenantRows(name="pricing_guard_incident_tenant"),
            tenancy.SameMerchant(field="listing", name="pricing_guard_incident_listing"),
            tenancy.SameMerchant(field="policy", name="pricing_guard_incident_policy"),
            models.UniqueConstraint(fields=["merchant", "id"], name="pricing_guard_incident_key"),
            models.UniqueConstraint(
                fields=["merchant", "listing"],
                condition=models.Q(status__in=OPEN_INCIDENTS),
                name="pricing_guard_incident_one_open",
            ),
            models.CheckConstraint(
                condition=models.Q(due_at__isnull=True) | models.Q(status="SUSPECTED"),
                name="pricing_guard_incident_due_is_suspected",
            ),
            models.CheckConstraint(
                condition=~models.Q(status="TRIPPED") | models.Q(tripped_at__isnull=False),
                name="pricing_guard_incident_trip_is_dated",
            ),
            models.CheckConstraint(
                condition=models.Q(sale_asked_at__isnull=True) | models.Q(status="TRIPPED"),
                name="pricing_guard_incident_sale_is_stopped",
            ),
        ]

    def __str__(self) -> str:
        return f"incident {self.pk} {self.status}"


class IncidentCause(models.Model):
    """One story behind incidents of a shop: wrong prices of one kind that follow one another closely (同一起因).

    It goes on while the next comes soon after the last and one of its incidents is open; the clock's hours and
    minutes mean nothing to it.
    """

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=100)
    number = models.PositiveIntegerField()
    last_at = models.DateTimeField()

    class Meta:
        constraints = [
            tenancy.TenantRows(name="pricing_guard_cause_tenant"),
            models.UniqueConstraint(fields=["merchant", "kind", "number"], name="pricing_guard_cause_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}:{self.number}"


class IncidentMove(models.Model):
    """One line of an incident's history with its facts, append-only."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", db_index=False)
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="history", db_index=False)
    move = models.CharField(_("move"), max_length=20)
    status = models.CharField(_("status"), max_length=9, choices=Incident.Status)
    at = models.DateTimeField(_("at"))
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField(null=True, blank=True)
    actor_name = models.CharField(_("by"), max_length=200)
    note = models.CharField(_("note"), max_length=300, blank=True)
    facts = models.JSONField(_("facts"), default=dict)

    class Meta:
        verbose_name = _("history of an incident")
        verbose_name_plural = _("history of incidents")
        indexes = [models.Index(fields=["merchant", "incident", "id"], name="pricing_guard_move_of")]
        constraints = [
            tenancy.TenantRows(name="pricing_guard_move_tenant"),
            tenancy.SameMerchant(field="incident", name="pricing_guard_move_incident"),
            tenancy.AppendOnly(name="pricing_guard_move_append_only"),
        ]

    def __str__(self) -> str:
        return f"{self.move} {self.incident_id}"


class IncidentStep(models.Model):
    """One rung of the ladder in one incident: proposed, asked of the platform, or only noted."""

    class Status(models.TextChoices):
        PROPOSED = "PROPOSED", _("Waits for a person")
        ASKED = "ASKED", _("Asked of the platform")
        HELD_BACK = "HELD_BACK", _("Held back by a budget, a pause or a switch")
        SKIPPED = "SKIPPED", _("Not possible")
        DRAFTED = "DRAFTED", _("Drafted")
        UNDONE = "UNDONE", _("Taken back")

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", db_index=False)
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="steps", db_index=False)
    rung = models.CharField(_("step"), max_length=20)
    status = models.CharField(_("status"), max_length=9, choices=Status)
    ref = models.CharField(_("target"), max_length=120, blank=True)
    action = models.ForeignKey(PlatformAction, models.PROTECT, null=True, blank=True, related_name="+")
    note = models.CharField(_("note"), max_length=300, blank=True)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("step of an incident")
        verbose_name_plural = _("steps of incidents")
        constraints = [
            tenancy.TenantRows(name="pricing_guard_step_tenant"),
            tenancy.SameMerchant(field="incident", name="pricing_guard_step_incident"),
            tenancy.SameMerchant(field="action", name="pricing_guard_step_action"),
            models.UniqueConstraint(fields=["merchant", "incident", "rung", "ref"], name="pricing_guard_step_once"),
        ]

    def __str__(self) -> str:
        return f"{self.rung} {self.incident_id}"


class AffectedOrder(models.Model):
    """What one order bought of one listing below the price we believe in, and what becomes of it."""

    class Choice(models.TextChoices):
        UNDECIDED = "UNDECIDED", _("Not decided")
        HONOUR = "HONOUR", _("Honour")
        CANCEL = "CANCEL", _("Draft cancellation")
        CONTACT = "CONTACT", _("Contact the buyer")

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", db_index=False)
    incident = models.ForeignKey(Incident, models.PROTECT, null=True, blank=True, related_name="orders")
    listing = models.ForeignKey(Listing, models.PROTECT, related_name="+", db_index=False)
    order = models.ForeignKey(Order, models.PROTECT, related_name="+", db_index=False)
    buyer = models.ForeignKey(Buyer, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    quantity = models.PositiveIntegerField(_("units"))
    unit_paid = models.DecimalField(_("paid for each"), **MONEY)
    reference = models.DecimalField(pgettext_lazy("price", "reference"), **MONEY)
    currency = models.CharField(_("currency"), max_length=3)
    placed_at = models.DateTimeField(_("placed"))
    is_settled = models.BooleanField(_("settled"), default=False)
    is_held = models.BooleanField(_("held"), default=False)
    choice = models.CharField(
        pgettext_lazy("about an order", "decision"), max_length=9, choices=Choice, default=Choice.UNDECIDED
    )
    chosen_at = models.DateTimeField(_("decided"), null=True, blank=True)
    chosen_by = models.CharField(_("by"), max_length=200, blank=True)
    draft = models.TextField(_("message to the buyer"), blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("affected order")
        verbose_name_plural = _("affected orders")
        indexes = [
            models.Index(fields=["merchant", "listing", "-placed_at"], name="pricing_guard_affected_recent"),
            models.Index(fields=["merchant", "incident", "-placed_at"], name="pricing_guard_affected_of"),
        ]
        constraints = [
            tenancy.TenantRows(name="pricing_guard_affected_tenant"),
            tenancy.SameMerchant(field="incident", name="pricing_guard_affected_incident"),
            tenancy.SameMerchant(field="listing", name="pricing_guard_affected_listing"),
            tenancy.SameMerchant(field="order", name="pricing_guard_affected_order"),
            tenancy.SameMerchant(field="buyer", name="pricing_guard_affected_buyer"),
            models.UniqueConstraint(fields=["merchant", "order", "listing"], name="pricing_guard_affected_once"),
        ]

    def __str__(self) -> str:
        return f"{self.order_id}: {self.quantity} of {self.listing_id}"


class IncidentLink(models.Model):
    """A signed link in an alert by which one incident can be answered once, without signing in."""

    class Purpose(models.TextChoices):
        STOP = "STOP", _("It is wrong, stop it")
        MEANT = "MEANT", _("It is meant")

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+")
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="links")
    purpose = models.CharField(max_length=5, choices=Purpose)
    nonce = models.CharField(max_length=43)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            tenancy.TenantRows(name="pricing_guard_link_tenant"),
            tenancy.SameMerchant(field="incident", name="pricing_guard_link_incident"),
            models.UniqueConstraint(fields=["merchant", "incident", "purpose"], name="pricing_guard_link_once"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.incident_id}"
