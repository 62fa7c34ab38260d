"""Security and configuration changes, append-only; who and whose as text and ids, no foreign keys."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from merchant_protection.foundation import tenancy


class Entry(models.Model):
    """One change to security or configuration: who did what to which thing, and from where."""

    at = models.DateTimeField(_("at"))
    merchant_id = models.BigIntegerField(_("merchant"), null=True, blank=True)
    actor_kind = models.CharField(_("kind of actor"), max_length=12)
    actor_id = models.BigIntegerField(null=True, blank=True)
    actor_name = models.CharField(_("who"), max_length=200)
    action = models.CharField(_("action"), max_length=80)
    subject_kind = models.CharField(_("kind of subject"), max_length=40, blank=True)
    subject_id = models.CharField(max_length=100, blank=True)
    before = models.JSONField(_("before"), default=dict, blank=True)
    after = models.JSONField(_("after"), default=dict, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    origin = models.CharField(_("from where"), max_length=60, blank=True)
    request_id = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        indexes = [
            models.Index(fields=["merchant_id", "-id"], name="audit_entry_merchant"),
            models.Index(fields=["action", "-id"], name="audit_entry_action"),
        ]
        constraints = [
            tenancy.TenantRows(name="audit_entry_tenant"),
            tenancy.AppendOnly(name="audit_entry_append_only"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.subject_kind} {self.subject_id}"


class Link(models.Model):
    """One committed entry's place in the chain; written by a sweep in its own order."""

    entry = models.OneToOneField(Entry, models.DO_NOTHING, related_name="link")
    sequence = models.BigIntegerField(unique=True)
    digest = models.CharField(max_length=64)
    linked_at = models.DateTimeField()

    class Meta:
        constraints = [tenancy.AppendOnly(name="audit_link_append_only")]

    def __str__(self) -> str:
        return f"{self.sequence} {self.digest[:12]}"


class Checkpoint(models.Model):
    """The chain's length and head at a moment: a chain alone does not notice a cut tail."""

    sequence = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("checkpoint")
        verbose_name_plural = _("checkpoints")
        constraints = [tenancy.AppendOnly(name="audit_checkpoint_append_only")]

    def __str__(self) -> str:
        return f"{self.sequence} at {self.at:%Y-%m-%d %H:%M}"
