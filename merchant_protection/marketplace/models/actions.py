"""What we ask of the selling platform: desired states, and the actions that carry them out."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from merchant_protection.accounts.models import Merchant
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.models import Work
from merchant_protection.marketplace.lifecycle import SENDING_ACTIONS, ActionStatus
from merchant_protection.marketplace.models.platforms import Platform


class ActionTarget(models.Model):
    """One aspect of one thing on the platform: what we want it to be, and what it was last seen to be."""

    class Kind(models.TextChoices):
        LISTING = "LISTING", _("Listing")
        ORDER = "ORDER", _("Order")
        AFTER_SALE = "AFTER_SALE", _("After-sale")
        REVIEW = "REVIEW", _("Review")
        BUYER = "BUYER", _("Buyer")
        SHOP = "SHOP", _("Shop")

    class Aspect(models.TextChoices):
        AVAILABILITY = "availability", _("On sale")
        PRICE = "price", _("Price")
        STOCK = "stock", _("Stock")
        FULFILMENT = "fulfilment", _("Order flow")
        SHIPMENT = "shipment", _("Shipment")
        METRICS = "metrics", _("Shop's figures")
        REFUND = "refund", _("Refund")
        VISIBILITY = "visibility", _("Review shown")
        PURCHASING = "purchasing", _("May buy")
        NEW_ORDERS = "new_orders", _("New orders")

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+")
    platform = models.ForeignKey(Platform, models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    ref = models.CharField(_("reference"), max_length=120)
    aspect = models.CharField(_("aspect"), max_length=14, choices=Aspect)
    desired = models.JSONField(_("desired"), null=True, blank=True)
    actual = models.JSONField(_("actual"), null=True, blank=True)
    desired_generation = models.PositiveIntegerField(default=0)
    is_latched = models.BooleanField(_("stays until a person opens it"), default=False)
    actual_at = models.DateTimeField(_("last seen"), null=True, blank=True)
    reconcile_at = models.DateTimeField(null=True, blank=True)
    release_at = models.DateTimeField(_("releases itself"), null=True, blank=True)
    updated_at = models.DateTimeField(_("updated"))

    class Meta:
        verbose_name = _("action target")
        verbose_name_plural = _("action targets")
        indexes = [
            models.Index(
                fields=["reconcile_at"],
                condition=models.Q(reconcile_at__isnull=False),
                name="marketplace_target_reconcile",
            ),
            models.Index(
                fields=["release_at"],
                condition=models.Q(release_at__isnull=False),
                name="marketplace_target_release",
            ),
        ]
        constraints = [
            tenancy.TenantRows(name="marketplace_actiontarget_tenant"),
            models.UniqueConstraint(fields=["merchant", "kind", "ref", "aspect"], name="marketplace_target_once"),
            models.UniqueConstraint(fields=["merchant", "id"], name="marketplace_target_key"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk} {self.aspect}"  # not its reference, which may be a buyer's


class PlatformAction(Work):
    """One change asked of the platform: an absolute state, never a toggle, with its undo."""

    class Status(models.TextChoices):
        AUTHORISED = ActionStatus.AUTHORISED, _("To be sent")
        NEEDS_REVIEW = ActionStatus.NEEDS_REVIEW, _("Waits for a person")
        SHADOW = ActionStatus.SHADOW, _("Shadow")
        UNKNOWN = ActionStatus.UNKNOWN, _("Answer lost")
        CONFIRMED = ActionStatus.CONFIRMED, _("Carried out")
        FAILED = ActionStatus.FAILED, _("Failed")
        SUPERSEDED = ActionStatus.SUPERSEDED, _("Superseded")
        CANCELLED = ActionStatus.CANCELLED, _("Cancelled")

    class Review(models.TextChoices):
        APPROVAL = "APPROVAL", _("The rule asks first")
        SWITCH = "SWITCH", _("A kill switch is on")
        PAUSE = "PAUSE", _("The rule is paused")
        LATCH = "LATCH", _("Stays closed until a person opens it")
        NO_BUDGET = "NO_BUDGET", _("No budget is set")
        BUDGET_RULE = "BUDGET_RULE", _("The rule's budget is used up")
        BUDGET_MERCHANT = "BUDGET_MERCHANT", _("The shop's budget is used up")
        BUDGET_PLATFORM = "BUDGET_PLATFORM", _("The platform's budget is used up")
        STALE = "STALE", _("Decided too long ago")
        VERSION = "VERSION", _("The rule's version is not known here")
        TRIES = "TRIES", _("Did not succeed after five tries")
        DRIFT = "DRIFT", _("The platform shows another state")

    class Verb(models.TextChoices):
        DELIST = "delist", _("Take off sale")
        RELIST = "relist", _("Put on sale")
        SET_PRICE = "set_price", _("Set the price")
        SET_STOCK = "set_stock", _("Set the stock")
        HOLD_ORDER = "hold_order", _("Hold the order")
        RELEASE_ORDER = "release_order", _("Release the order")
        HOLD_SHIPMENT = "hold_shipment", _("Hold the shipment")
        RELEASE_SHIPMENT = "release_shipment", _("Release the shipment")
        EXEMPT_ORDER = "exempt_order", _("Leave the order out of the shop's figures")
        COUNT_ORDER = "count_order", _("Count the order in the shop's figures")
        STOP_REFUND = "stop_refund", _("Stop the refund")
        ALLOW_REFUND = "allow_refund", _("Allow the refund")
        HIDE_REVIEW = "hide_review", _("Hide the review")
        SHOW_REVIEW = "show_review", _("Show the review")
        RESTRICT_BUYER = "restrict_buyer", _("Restrict the buyer")
        ALLOW_BUYER = "allow_buyer", _("Let the buyer buy")
        HOLD_NEW_ORDERS = "hold_new_orders", _("Hold new orders")
        OPEN_NEW_ORDERS = "open_new_orders", _("Let new orders in")

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+")
    target = models.ForeignKey(ActionTarget, models.PROTECT, related_name="actions")
    verb = models.CharField(_("action"), max_length=30, choices=Verb)
    value = models.JSONField(_("desired state"))
    undo = models.JSONField(_("undo"), null=True, blank=True)
    desired_generation = models.PositiveIntegerField()
    idempotency_key = models.CharField(max_length=64)
    status = models.CharField(_("status"), max_length=12, choices=Status)
    feature = models.CharField(_("asked by"), max_length=40)
    rule = models.CharField(_("rule"), max_length=120, blank=True)
    rule_version = models.CharField(max_length=40, blank=True)
    cause = models.CharField(_("cause"), max_length=120, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    review_reason = models.CharField(_("why it waits"), max_length=60, blank=True, choices=Review)
    is_automatic = models.BooleanField(_("automatic"), default=True)
    is_latching = models.BooleanField(_("stays until a person opens it"), default=False)
    release_after = models.DurationField(_("releases itself after"), null=True, blank=True)
    approved_by = models.CharField(_("approved by"), max_length=200, blank=True)
    decided_at = models.DateTimeField(_("decided"))
    judged_at = models.DateTimeField(_("last decided"))
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    actor_name = models.CharField(_("by"), max_length=200)

    class Meta:
        verbose_name = _("platform action")
        verbose_name_plural = _("platform actions")
        indexes = [
            models.Index(
                fields=["due_at", "id"], condition=models.Q(due_at__isnull=False), name="marketplace_action_due"
            ),
            models.Index(
                fields=["expires_at"],
                condition=models.Q(status=ActionStatus.NEEDS_REVIEW, expires_at__isnull=False),
                name="marketplace_action_expiring",
            ),
            models.Index(fields=["merchant", "-id"], name="marketplace_action_merchant"),
            models.Index(fields=["merchant", "rule", "-decided_at"], name="marketplace_action_rule"),
        ]
        constraints = [
            tenancy.TenantRows(name="marketplace_platformaction_tenant"),
            tenancy.SameMerchant(field="target", name="marketplace_platformaction_target"),
            models.UniqueConstraint(fields=["merchant", "idempotency_key"], name="marketplace_action_once"),
            models.UniqueConstraint(fields=["merchant", "id"], name="marketplace_action_key"),
            models.UniqueConstraint(
                fields=["merchant", "target"],
                condition=models.Q(status__in=SENDING_ACTIONS),
                name="marketplace_action_one_open",
            ),
            models.UniqueConstraint(
                fields=["merchant", "target"],
                condition=models.Q(status=ActionStatus.NEEDS_REVIEW),
                name="marketplace_action_one_waiting",
            ),
            models.CheckConstraint(
                condition=models.Q(due_at__isnull=True) | models.Q(status__in=SENDING_ACTIONS),
                name="marketplace_action_due_is_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.target_id} #{self.desired_generation}"


class ActionEvent(models.Model):
    """One line of an action's history: who moved it from where to where, and what the platform said."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", db_index=False)
    action = models.ForeignKey(PlatformAction, models.PROTECT, related_name="events", db_index=False)
    at = models.DateTimeField(_("at"))
    move = models.CharField(_("move"), max_length=20)
    from_status = models.CharField(max_length=12, blank=True)
    to_status = models.CharField(_("status"), max_length=12, choices=PlatformAction.Status)
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField(null=True, blank=True)
    actor_name = models.CharField(_("by"), max_length=200)
    note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("action history")
        verbose_name_plural = _("action history")
        indexes = [models.Index(fields=["merchant", "action", "id"], name="marketplace_actionevent_of")]
        constraints = [
            tenancy.TenantRows(name="marketplace_actionevent_tenant"),
            tenancy.SameMerchant(field="action", name="marketplace_actionevent_action"),
            tenancy.AppendOnly(name="marketplace_actionevent_history"),
        ]

    def __str__(self) -> str:
        return f"{self.action_id} {self.move}"
