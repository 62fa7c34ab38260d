"""Files as they were sent, and what was made of them for looking at."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from merchant_protection.accounts.models import Merchant
from merchant_protection.files import lifecycle
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.models import Work


class StoredFile(Work):
    """A file that somebody sent: sealed as it came, looked at only by what was made of it.

    A file without a merchant is the platform's own content, meant for everybody.
    """

    class Status(models.TextChoices):
        UPLOADING = lifecycle.UPLOADING, _("Being sent")
        QUARANTINED = lifecycle.QUARANTINED, _("Being checked")
        CLEAN = lifecycle.CLEAN, _("Ready")
        REJECTED = lifecycle.REJECTED, _("Not accepted")
        DISCARDED = lifecycle.DISCARDED, _("Removed")

    class Kind(models.TextChoices):
        IMAGE = "IMAGE", _("Picture")
        PDF = "PDF", _("PDF")
        VIDEO = "VIDEO", _("Video")
        AUDIO = "AUDIO", _("Recording")
        TEXT = "TEXT", _("Text")
        WEBM = "WEBM", _("Video (WebM)")
        SVG = "SVG", _("Drawing")
        VTT = "VTT", _("Captions")
        CSV = "CSV", _("Table")
        OFFICE = "OFFICE", _("Document")

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", null=True, blank=True)
    purpose = models.CharField(_("purpose"), max_length=30)
    name = models.CharField(_("name"), max_length=120)
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.UPLOADING)
    reason = models.CharField(_("reason"), max_length=40, blank=True)
    kind = models.CharField(_("kind"), max_length=6, choices=Kind, blank=True)
    media_type = models.CharField(max_length=80, blank=True)
    bytes_expected = models.BigIntegerField(_("size"))
    bytes_received = models.BigIntegerField(default=0)
    parts = models.JSONField(default=list, blank=True)
    place = models.CharField(max_length=40, blank=True)
    digest = models.CharField("SHA-256", max_length=64, blank=True)
    facts = models.JSONField(_("what the file says of itself"), default=dict, blank=True)
    picture = models.CharField(_("likeness"), max_length=16, blank=True)
    picture_bands = ArrayField(models.SmallIntegerField(), default=list, blank=True)
    bound_to = models.CharField(max_length=60, blank=True)
    scanned_at = models.DateTimeField(_("scanned"), null=True, blank=True)
    is_erased = models.BooleanField(default=False)
    uploaded_by_kind = models.CharField(max_length=10)
    uploaded_by_id = models.BigIntegerField(null=True, blank=True)
    uploaded_by = models.CharField(_("by"), max_length=200)
    created_at = models.DateTimeField(_("sent"))
    received_at = models.DateTimeField(null=True, blank=True)
    checked_at = models.DateTimeField(_("checked"), null=True, blank=True)

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(due_at__isnull=False), name="files_storedfile_due"),
            models.Index(
                fields=["created_at"],
                condition=models.Q(status=lifecycle.UPLOADING),
                name="files_storedfile_unfinished",
            ),
            models.Index(
                fields=["scanned_at"], condition=models.Q(status=lifecycle.CLEAN), name="files_storedfile_scanned"
            ),
            models.Index(fields=["merchant", "digest"], name="files_storedfile_digest"),
            GinIndex(fields=["picture_bands"], name="files_storedfile_bands"),
        ]
        constraints = [
            tenancy.TenantRows(name="files_storedfile_tenant"),
            models.UniqueConstraint(fields=["merchant", "id"], name="files_storedfile_key"),
            models.CheckConstraint(
                condition=~models.Q(status=lifecycle.CLEAN)
                | ~models.Q(digest="") & ~models.Q(place="") & ~models.Q(kind=""),
                name="files_storedfile_clean_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(bytes_received__gte=0, bytes_received__lte=models.F("bytes_expected")),
                name="files_storedfile_received",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Derivative(models.Model):
    """A harmless picture, film, sound or text made from a file: what people look at."""

    class Role(models.TextChoices):
        CLEAN = "CLEAN", _("Clean copy")
        THUMBNAIL = "THUMBNAIL", _("Small picture")
        STILL = "STILL", _("Still")
        PAGE = "PAGE", _("Page")

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", null=True, blank=True)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="derivatives")
    role = models.CharField(max_length=10, choices=Role)
    number = models.PositiveSmallIntegerField(default=0)
    media_type = models.CharField(max_length=80)
    place = models.CharField(max_length=40)
    size = models.BigIntegerField()
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("copy for viewing")
        verbose_name_plural = _("copies for viewing")
        constraints = [
            tenancy.TenantRows(name="files_derivative_tenant"),
            tenancy.SameMerchant(field="file", name="files_derivative_file"),
            models.UniqueConstraint(
                fields=["merchant", "file", "role", "number"], name="files_derivative_once", nulls_distinct=False
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.number} of {self.file_id}"


class Allowance(models.Model):
    """How much a shop may keep with us, and how much it does."""

    merchant = models.OneToOneField(Merchant, models.PROTECT, related_name="+")
    used = models.BigIntegerField(_("bytes kept"), default=0)
    cap = models.BigIntegerField(_("bytes allowed"))

    class Meta:
        verbose_name = _("storage of a shop")
        verbose_name_plural = _("storage of shops")
        constraints = [
            tenancy.TenantRows(name="files_allowance_tenant"),
            models.CheckConstraint(condition=models.Q(used__gte=0), name="files_allowance_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.used} of {self.cap}"
