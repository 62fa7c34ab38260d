"""Draws with a committed seed."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from merchant_protection.accounts.models import Merchant
from merchant_protection.foundation import tenancy
from scalper_policies.lifecycle import DrawStatus
from scalper_policies.models.policies import Policy


class Draw(models.Model):
    """A draw with equal odds: its seed is committed before entries open and revealed after they close."""

    class Status(models.TextChoices):
        COMMITTED = DrawStatus.COMMITTED, _("Takes entries")
        CLOSED = DrawStatus.CLOSED, _("Entries closed")
        REVEALED = DrawStatus.REVEALED, _("Drawn")
        CANCELLED = DrawStatus.CANCELLED, _("Cancelled")

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", db_index=False)
    policy = models.ForeignKey(Policy, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    # A draw of before it was asked about in decisions decides nothing.
    decides = models.BooleanField(default=False, db_default=False)
    name = models.CharField(_("name"), max_length=120)
    places = models.PositiveIntegerField(_("places"))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.COMMITTED)
    commitment = models.CharField(_("commitment"), max_length=64)
    seed_sealed = models.TextField()
    seed = models.CharField(_("seed"), max_length=128, blank=True)
    entries_digest = models.CharField(_("digest of the entries"), max_length=64, blank=True)
    last_ticket = models.CharField(max_length=64, blank=True, default="", db_default="")
    # Worked out when the seed is revealed and when somebody asks for it again, never while a page is shown.
    winners = models.JSONField(default=list, db_default=models.Value([], models.JSONField()))
    entries_count = models.PositiveIntegerField(_("entries"), null=True, blank=True)
    is_sound = models.BooleanField(null=True, blank=True)
    checked_at = models.DateTimeField(_("recomputed"), null=True, blank=True)
    opens_at = models.DateTimeField(_("entries open"))
    closes_at = models.DateTimeField(_("entries close"))
    revealed_at = models.DateTimeField(_("drawn"), null=True, blank=True)
    created_at = models.DateTimeField(_("committed"))
    created_by = models.CharField(_("by"), max_length=200)

    class Meta:
        verbose_name = _("draw")
        verbose_name_plural = _("draws")
        indexes = [
            models.Index(
                fields=["closes_at"], condition=models.Q(status__in=["COMMITTED", "CLOSED"]), name="scalper_draw_due"
            ),
            models.Index(fields=["commitment"], name="scalper_draw_commitment"),
            models.Index(
                fields=["id"],
                condition=models.Q(status="REVEALED", checked_at__isnull=True),
                name="scalper_draw_unchecked",
            ),
        ]
        constraints = [
            tenancy.TenantRows(name="scalper_draw_tenant"),
            tenancy.SameMerchant(field="policy", name="scalper_draw_policy"),
            models.UniqueConstraint(fields=["merchant", "name"], name="scalper_draw_name"),
            models.UniqueConstraint(fields=["merchant", "id"], name="scalper_draw_key"),
            models.CheckConstraint(
                condition=models.Q(status="REVEALED", revealed_at__isnull=False) & ~models.Q(seed="")
                | ~models.Q(status="REVEALED") & models.Q(seed=""),
                name="scalper_draw_seed_is_revealed",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class DrawEntry(models.Model):
    """A buyer's entry in a draw, append-only; entering twice is entering once."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", db_index=False)
    draw = models.ForeignKey(Draw, models.PROTECT, related_name="entries", db_index=False)
    entry = models.CharField(_("entry"), max_length=64)
    shown = models.CharField(_("buyer"), max_length=80, blank=True)
    at = models.DateTimeField(_("entered"))

    class Meta:
        constraints = [
            tenancy.TenantRows(name="scalper_drawentry_tenant"),
            tenancy.SameMerchant(field="draw", name="scalper_drawentry_draw"),
            tenancy.AppendOnly(name="scalper_drawentry_append_only"),
            models.UniqueConstraint(fields=["merchant", "draw", "entry"], name="scalper_drawentry_once"),
        ]

    def __str__(self) -> str:
        return f"{self.draw_id} {self.entry[:12]}"
