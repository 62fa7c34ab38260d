"""Signed webhooks out: what merchants' own systems are told, where, and how each telling went."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from merchant_protection.accounts.models import Merchant
from merchant_protection.foundation import tenancy


class Endpoint(models.Model):
    """An address of a shop's own system that is told what happens, one call at a time, in order.

    The endpoint is the mailbox: `due_at` says when its next message is to leave; who holds it
    (`held_until`, and the generation that `finish` must name) calls it, and nobody else.
    """

    class State(models.TextChoices):
        ACTIVE = "ACTIVE", _("Active")
        PAUSED = "PAUSED", _("Paused")
        DISABLED = "DISABLED", _("Switched off")

    class Reason(models.TextChoices):
        NONE = "", _("None")
        OWNER = "OWNER", _("By a person")
        FAILING = "FAILING", _("Too many failures in a row")
        GONE = "GONE", _("It answered 410 Gone")

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(_("name"), max_length=80)
    url = models.CharField(_("address"), max_length=500)
    kinds = models.JSONField(_("kinds"), default=list)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.ACTIVE)
    reason = models.CharField(_("reason"), max_length=8, choices=Reason, default=Reason.NONE, blank=True)
    due_at = models.DateTimeField(_("next call"), null=True, blank=True)
    held_until = models.DateTimeField(null=True, blank=True)
    generation = models.PositiveIntegerField(default=0)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0)
    rests_until = models.DateTimeField(_("left alone until"), null=True, blank=True)
    is_slow = models.BooleanField(default=False)
    succeeded_at = models.DateTimeField(_("last success"), null=True, blank=True)
    failed_at = models.DateTimeField(_("last failure"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"))

    class Meta:
        verbose_name = _("webhook endpoint")
        verbose_name_plural = _("webhook endpoints")
        indexes = [
            models.Index(
                fields=["due_at", "id"], condition=models.Q(due_at__isnull=False), name="notices_endpoint_due"
            ),
        ]
        constraints = [
            tenancy.TenantRows(name="notices_endpoint_tenant"),
            models.UniqueConstraint(fields=["merchant", "id"], name="notices_endpoint_key"),
            models.CheckConstraint(
                condition=models.Q(state="ACTIVE", reason="") | (~models.Q(state="ACTIVE") & ~models.Q(reason="")),
                name="notices_endpoint_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class EndpointSecret(models.Model):
    """One of an endpoint's signing secrets; two may live during a rotation."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", db_index=False)
    endpoint = models.ForeignKey(Endpoint, models.PROTECT, related_name="secrets", db_index=False)
    secret_sealed = models.TextField()
    hint = models.CharField(_("ends with"), max_length=8)
    created_at = models.DateTimeField(_("created"))
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)

    class Meta:
        verbose_name = _("webhook secret")
        verbose_name_plural = _("webhook secrets")
        indexes = [models.Index(fields=["endpoint", "id"], name="notices_endpointsecret_of")]
        constraints = [
            tenancy.TenantRows(name="notices_endpointsecret_tenant"),
            tenancy.SameMerchant(field="endpoint", name="notices_endpointsecret_endpoint"),
        ]

    def __str__(self) -> str:
        return f"…{self.hint}"


class Message(models.Model):
    """Something that happened, once, in words for programs: kept whether or not an endpoint listens.

    `due_at` says that it has not been handed to the endpoints yet.
    """

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", db_index=False)
    public_id = models.CharField(_("message"), max_length=40)
    kind = models.CharField(_("kind"), max_length=60)
    version = models.PositiveSmallIntegerField(default=1)
    subject_id = models.CharField(_("about"), max_length=80, blank=True)
    params = models.JSONField(default=dict, blank=True)
    dedupe_key = models.CharField(max_length=160)
    at = models.DateTimeField(_("at"))
    due_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("webhook message")
        verbose_name_plural = _("webhook messages")
        indexes = [
            models.Index(fields=["id"], condition=models.Q(due_at__isnull=False), name="notices_message_due"),
            models.Index(fields=["at"], name="notices_message_at"),
        ]
        constraints = [
            tenancy.TenantRows(name="notices_message_tenant"),
            models.UniqueConstraint(fields=["merchant", "id"], name="notices_message_key"),
            models.UniqueConstraint(fields=["merchant", "kind", "dedupe_key"], name="notices_message_once"),
            models.UniqueConstraint(fields=["merchant", "public_id"], name="notices_message_public"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.public_id}"


class Dispatch(models.Model):
    """A message on its way to one endpoint; the same id is told however often it is tried.

    What concerns the same thing (`subject`) arrives in the order in which it happened.
    """

    class Status(models.TextChoices):
        PENDING = "PENDING", _("On its way")
        DELIVERED = "DELIVERED", pgettext_lazy("webhook", "Arrived")
        DEAD = "DEAD", _("Given up")

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", db_index=False)
    endpoint = models.ForeignKey(Endpoint, models.PROTECT, related_name="dispatches", db_index=False)
    message = models.ForeignKey(Message, models.CASCADE, related_name="dispatches")
    kind = models.CharField(_("kind"), max_length=60)
    subject = models.CharField(_("about"), max_length=140, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PENDING)
    due_at = models.DateTimeField(_("next try"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("tries"), default=0)
    answer = models.PositiveSmallIntegerField(_("last answer"), null=True, blank=True)
    last_error = models.CharField(_("what failed"), max_length=40, blank=True)
    created_at = models.DateTimeField(_("created"))
    tried_at = models.DateTimeField(_("last tried"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        indexes = [
            models.Index(
                fields=["endpoint", "due_at", "id"],
                condition=models.Q(status="PENDING"),
                name="notices_dispatch_due",
            ),
            models.Index(
                fields=["endpoint", "subject", "id"],
                condition=models.Q(status="PENDING") & ~models.Q(subject=""),
                name="notices_dispatch_order",
            ),
            models.Index(fields=["merchant", "endpoint", "-id"], name="notices_dispatch_recent"),
        ]
        constraints = [
            tenancy.TenantRows(name="notices_dispatch_tenant"),
            tenancy.SameMerchant(field="endpoint", name="notices_dispatch_endpoint"),
            tenancy.SameMerchant(field="message", name="notices_dispatch_message"),
            models.UniqueConstraint(fields=["merchant", "id"], name="notices_dispatch_key"),
            models.UniqueConstraint(fields=["merchant", "endpoint", "message"], name="notices_dispatch_once"),
            models.CheckConstraint(
                condition=models.Q(status="PENDING", due_at__isnull=False, finished_at__isnull=True)
                | (~models.Q(status="PENDING") & models.Q(due_at__isnull=True, finished_at__isnull=False)),
                name="notices_dispatch_finished",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Attempt(models.Model):
    """One call of an endpoint: when, how long it took, and what it answered."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", db_index=False)
    dispatch = models.ForeignKey(Dispatch, models.CASCADE, related_name="tries")
    number = models.PositiveSmallIntegerField(_("try"))
    at = models.DateTimeField(_("at"))
    took_ms = models.PositiveIntegerField(_("took"), default=0)
    status = models.PositiveSmallIntegerField(_("answer"), null=True, blank=True)
    error = models.CharField(_("what failed"), max_length=40, blank=True)
    answer = models.TextField(_("its words"), blank=True)

    class Meta:
        verbose_name = _("try of a webhook")
        verbose_name_plural = _("tries of a webhook")
        constraints = [
            tenancy.TenantRows(name="notices_attempt_tenant"),
            tenancy.SameMerchant(field="dispatch", name="notices_attempt_dispatch"),
        ]

    def __str__(self) -> str:
        return f"{self.dispatch_id} {self.number}"
