"""Long work of the guard: backtests, files of floor prices, evidence packs."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from merchant_protection.accounts.models import Merchant
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.models import Work
from merchant_protection.marketplace.models import Listing
from merchant_protection.marketplace.models.listings import MONEY
from pricing_guard.lifecycle import JobStatus
from pricing_guard.models.incidents import Incident
from pricing_guard.models.policies import GuardPolicy


class Backtest(Work):
    """One trial of thresholds on the merchant's own past, or a recommendation drawn from it (回测)."""

    class Kind(models.TextChoices):
        BACKTEST = "BACKTEST", _("Backtest")
        COMPARE = "COMPARE", _("Comparison of two versions")
        RECOMMEND = "RECOMMEND", _("Recommended thresholds")

    class Status(models.TextChoices):
        WAITING = JobStatus.WAITING, _("Waiting")
        RUNNING = JobStatus.RUNNING, _("Running")
        DONE = JobStatus.DONE, _("Done")
        FAILED = JobStatus.FAILED, _("Failed")
        CANCELLED = JobStatus.CANCELLED, _("Cancelled")

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=9, choices=Kind)
    policy = models.ForeignKey(GuardPolicy, models.PROTECT, null=True, blank=True, related_name="backtests")
    status = models.CharField(_("status"), max_length=9, choices=Status, default=Status.WAITING)
    thresholds = models.JSONField(_("thresholds"), default=dict)
    ladder = models.JSONField(default=dict)
    against = models.JSONField(_("compared with"), default=dict, blank=True)
    since = models.DateTimeField(_("from"), null=True, blank=True)
    until = models.DateTimeField(_("until"), null=True, blank=True)
    done = models.PositiveIntegerField(_("done"), default=0)
    total = models.PositiveIntegerField(_("of"), default=0)
    result = models.JSONField(_("result"), default=dict, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    asked_at = models.DateTimeField(_("asked"))
    asked_by = models.CharField(_("by"), max_length=200)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("backtest")
        verbose_name_plural = _("backtests")
        indexes = [
            models.Index(
                fields=["due_at"], condition=models.Q(due_at__isnull=False), name="pricing_guard_backtest_due"
            ),
            models.Index(fields=["merchant", "-id"], name="pricing_guard_backtest_recent"),
        ]
        constraints = [
            tenancy.TenantRows(name="pricing_guard_backtest_tenant"),
            tenancy.SameMerchant(field="policy", name="pricing_guard_backtest_policy"),
            models.UniqueConstraint(fields=["merchant", "id"], name="pricing_guard_backtest_key"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class BacktestHit(models.Model):
    """One trigger of a backtest: which price, why, what it would have held, and whether the price was kept."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", db_index=False)
    backtest = models.ForeignKey(Backtest, models.CASCADE, related_name="hits", db_index=False)
    side = models.CharField(max_length=1, default="A")
    sku = models.CharField(_("SKU"), max_length=80)
    at = models.DateTimeField(_("at"))
    price = models.DecimalField(_("price"), **MONEY)
    reference_price = models.DecimalField(pgettext_lazy("price", "reference"), null=True, blank=True, **MONEY)
    severity = models.PositiveSmallIntegerField(_("severity"), choices=Incident.Severity)
    check_name = models.CharField(_("check"), max_length=30)
    reason = models.JSONField(_("reason"), default=dict)
    was_kept = models.BooleanField(_("the price was kept"), default=False)
    units_held = models.PositiveIntegerField(_("units that would have been held"), default=0)
    money_spared = models.DecimalField(_("money that would have been spared"), default=0, **MONEY)

    class Meta:
        verbose_name = _("trigger of a backtest")
        verbose_name_plural = _("triggers of backtests")
        indexes = [models.Index(fields=["merchant", "backtest", "id"], name="pricing_guard_btest_hits")]
        constraints = [
            tenancy.TenantRows(name="pricing_guard_bthit_tenant"),
            tenancy.SameMerchant(field="backtest", name="pricing_guard_bthit_backtest"),
        ]

    def __str__(self) -> str:
        return f"{self.sku} {self.price}"


class FloorImport(Work):
    """A file or a table of floor prices: applied whole or not at all, and taken back within a day."""

    class Status(models.TextChoices):
        WAITING = JobStatus.WAITING, _("Waiting")
        RUNNING = JobStatus.RUNNING, _("Running")
        DONE = JobStatus.DONE, _("Applied")
        FAILED = JobStatus.FAILED, _("Refused")
        CANCELLED = JobStatus.CANCELLED, _("Cancelled")
        UNDONE = JobStatus.UNDONE, _("Taken back")

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+")
    file_name = models.CharField(_("file"), max_length=200)
    path = models.CharField(max_length=300, blank=True)
    status = models.CharField(_("status"), max_length=9, choices=Status, default=Status.WAITING)
    is_dry_run = models.BooleanField(_("only checked"), default=False)
    rows = models.PositiveIntegerField(_("rows"), default=0)
    faulty = models.PositiveIntegerField(_("faulty rows"), default=0)
    changed = models.PositiveIntegerField(_("changed"), default=0)
    asked_at = models.DateTimeField(_("asked"))
    asked_by = models.CharField(_("by"), max_length=200)
    applied_at = models.DateTimeField(_("applied"), null=True, blank=True)
    undone_at = models.DateTimeField(_("taken back"), null=True, blank=True)

    class Meta:
        verbose_name = _("floor prices")
        verbose_name_plural = _("floor prices")
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(due_at__isnull=False), name="pricing_guard_floors_due"),
            models.Index(fields=["merchant", "-id"], name="pricing_guard_floors_recent"),
        ]
        constraints = [
            tenancy.TenantRows(name="pricing_guard_floors_tenant"),
            models.UniqueConstraint(fields=["merchant", "id"], name="pricing_guard_floors_key"),
        ]

    def __str__(self) -> str:
        return self.file_name


class FloorFault(models.Model):
    """What is wrong with one row of a file of floor prices."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", db_index=False)
    floor_import = models.ForeignKey(FloorImport, models.CASCADE, related_name="faults", db_index=False)
    row = models.PositiveIntegerField(_("row"))
    field = models.CharField(_("field"), max_length=20)
    reason = models.JSONField(_("reason"))
    value = models.CharField(_("value"), max_length=80, blank=True)

    class Meta:
        indexes = [models.Index(fields=["merchant", "floor_import", "row"], name="pricing_guard_floorfault_of")]
        constraints = [
            tenancy.TenantRows(name="pricing_guard_floorfault_tenant"),
            tenancy.SameMerchant(field="floor_import", name="pricing_guard_floorfault_file"),
        ]

    def __str__(self) -> str:
        return f"row {self.row} {self.field}"


class FloorChange(models.Model):
    """What a file of floor prices changed on one listing, so that it can be taken back."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", db_index=False)
    floor_import = models.ForeignKey(FloorImport, models.CASCADE, related_name="changes", db_index=False)
    listing = models.ForeignKey(Listing, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    before = models.DecimalField(null=True, blank=True, **MONEY)
    after = models.DecimalField(null=True, blank=True, **MONEY)

    class Meta:
        constraints = [
            tenancy.TenantRows(name="pricing_guard_floorchange_tenant"),
            tenancy.SameMerchant(field="floor_import", name="pricing_guard_floorchange_file"),
            tenancy.SameMerchant(field="listing", name="pricing_guard_floorchange_listing"),
            models.UniqueConstraint(
                fields=["merchant", "floor_import", "listing"], name="pricing_guard_floorchange_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.listing_id}: {self.before} → {self.after}"


class EvidencePack(models.Model):
    """One file of evidence made for an incident, with its fingerprint; never changed, a later one is added (证据包)."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", db_index=False)
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="packs", db_index=False)
    digest = models.CharField(_("SHA-256"), max_length=64)
    size = models.PositiveIntegerField(_("bytes"))
    path = models.CharField(max_length=300)
    manifest = models.JSONField(default=dict)
    made_at = models.DateTimeField(_("made"))
    made_by = models.CharField(_("by"), max_length=200)
    is_for_exemption = models.BooleanField(_("handed to the platform"), default=False)

    class Meta:
        verbose_name = _("evidence pack")
        verbose_name_plural = _("evidence packs")
        indexes = [models.Index(fields=["merchant", "incident", "-id"], name="pricing_guard_pack_of")]
        constraints = [
            tenancy.TenantRows(name="pricing_guard_pack_tenant"),
            tenancy.SameMerchant(field="incident", name="pricing_guard_pack_incident"),
            tenancy.AppendOnly(name="pricing_guard_pack_append_only"),
            models.UniqueConstraint(fields=["merchant", "incident", "digest"], name="pricing_guard_pack_once"),
        ]

    def __str__(self) -> str:
        return self.digest


class HandOver(models.Model):
    """The promise to hand an incident's evidence to the platform for the orders to be cancelled (提交免责证据)."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", db_index=False)
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="hand_overs", db_index=False)
    due_at = models.DateTimeField(null=True, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("hand-over of evidence")
        verbose_name_plural = _("hand-overs of evidence")
        indexes = [
            models.Index(
                fields=["due_at"], condition=models.Q(due_at__isnull=False), name="pricing_guard_hand_over_due"
            )
        ]
        constraints = [
            tenancy.TenantRows(name="pricing_guard_hand_over_tenant"),
            tenancy.SameMerchant(field="incident", name="pricing_guard_hand_over_incident"),
            models.UniqueConstraint(fields=["merchant", "incident"], name="pricing_guard_hand_over_once"),
        ]

    def __str__(self) -> str:
        return f"hand-over of {self.incident_id}"
