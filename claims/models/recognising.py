"""What the system recognises by itself, and the fast track that follows from it."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from claims.models.claims import Claim
from claims.rules import fast_track
from merchant_protection.accounts.models import Merchant, User
from merchant_protection.foundation import tenancy
from merchant_protection.marketplace.models import AfterSale, PlatformAction
from merchant_protection.marketplace.models.listings import MONEY
from merchant_protection.marketplace.models.orders import SAME_MERCHANT
from merchant_protection.risk.models import Warning


class Phrase(models.Model):
    """Words that demand money or threaten, with their weight; operations edit the list."""

    text = models.CharField(_("phrase"), max_length=60, unique=True)
    points = models.PositiveSmallIntegerField(_("points"), default=30)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("demand phrase")
        verbose_name_plural = _("demand phrases")

    def __str__(self) -> str:
        return self.text


class Recognition(models.Model):
    """How malicious an after-sale request looked when it was told, and every reason; a likeness is never a verdict."""

    class Level(models.TextChoices):
        NONE = "NONE", pgettext_lazy("level", "None")
        LOW = "LOW", _("Low")
        MEDIUM = "MEDIUM", _("Medium")
        HIGH = "HIGH", _("High")

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", **SAME_MERCHANT)
    after_sale = models.ForeignKey(AfterSale, models.PROTECT, related_name="+", **SAME_MERCHANT)
    points = models.PositiveSmallIntegerField(_("points"))
    level = models.CharField(_("level"), max_length=6, choices=Level)
    # [{"code", "points", "facts"}]; no names of other merchants, no personal data.
    reasons = models.JSONField(_("reasons"), default=list)
    warning = models.ForeignKey(Warning, models.PROTECT, null=True, blank=True, related_name="+", **SAME_MERCHANT)
    pause = models.ForeignKey(PlatformAction, models.PROTECT, null=True, blank=True, related_name="+", **SAME_MERCHANT)
    pause_ends_at = models.DateTimeField(_("refund paused until"), null=True, blank=True)
    draft = models.ForeignKey(Claim, models.PROTECT, null=True, blank=True, related_name="+", **SAME_MERCHANT)
    version = models.BigIntegerField(default=0)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("recognised request")
        verbose_name_plural = _("recognised requests")
        indexes = [
            models.Index(
                fields=["pause_ends_at"],
                condition=models.Q(pause_ends_at__isnull=False),
                name="claims_recognition_pause",
            ),
        ]
        constraints = [
            tenancy.TenantRows(name="claims_recognition_tenant"),
            tenancy.SameMerchant(field="after_sale", name="claims_recognition_after_sale"),
            tenancy.SameMerchant(field="warning", name="claims_recognition_warning"),
            tenancy.SameMerchant(field="pause", name="claims_recognition_action"),
            tenancy.SameMerchant(field="draft", name="claims_recognition_draft"),
            models.UniqueConstraint(fields=["merchant", "after_sale"], name="claims_recognition_once"),
        ]

    def __str__(self) -> str:
        return f"{self.level} {self.after_sale_id}"


class WordingMark(models.Model):
    """A mark of the words of an after-sale request; requests that share marks may share their wording."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", **SAME_MERCHANT)
    after_sale = models.ForeignKey(AfterSale, models.PROTECT, related_name="+", **SAME_MERCHANT)
    place = models.PositiveSmallIntegerField()
    mark = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["mark", "place", "-at"], name="claims_wordingmark_look")]
        constraints = [
            tenancy.TenantRows(name="claims_wordingmark_tenant"),
            tenancy.SameMerchant(field="after_sale", name="claims_wordingmark_after_sale"),
            models.UniqueConstraint(fields=["merchant", "after_sale", "place"], name="claims_wordingmark_once"),
        ]

    def __str__(self) -> str:
        return f"{self.after_sale_id}/{self.place}"


class FastTrack(models.Model):
    """One version of the fast track: which warnings make which kinds clear, and where it stops itself."""

    class Mode(models.TextChoices):
        OFF = fast_track.Mode.OFF, _("Off")
        SHADOW = fast_track.Mode.SHADOW, _("Watching")
        LIVE = fast_track.Mode.LIVE, pgettext_lazy("mode", "Live")

    version = models.PositiveIntegerField(_("version"), unique=True)
    mode = models.CharField(_("mode"), max_length=6, choices=Mode, default=Mode.SHADOW)
    # {kind of claim: [kinds of warning that make it clear]}
    clear = models.JSONField(_("which warning makes which kind clear"), default=dict)
    levels = ArrayField(models.CharField(max_length=6), default=list, verbose_name=_("levels of the warning"))
    amount_up_to = models.DecimalField(_("amount up to"), default=0, **MONEY)
    sampled = models.FloatField(_("share reviewed again"), default=0.1)
    overturned_up_to = models.FloatField(_("stops itself above this share overturned"), default=0.05)
    fewest_decided = models.PositiveIntegerField(_("judged from so many on"), default=20)
    is_current = models.BooleanField(_("in use"), default=True)
    stopped_at = models.DateTimeField(_("stopped itself"), null=True, blank=True)
    created_at = models.DateTimeField(_("since"))
    created_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("fast track")
        verbose_name_plural = _("fast track")
        constraints = [
            models.UniqueConstraint(
                fields=["is_current"], condition=models.Q(is_current=True), name="claims_fasttrack_current"
            )
        ]

    def __str__(self) -> str:
        return f"fast track v{self.version}"


class FastTrackVerdict(models.Model):
    """What the fast track said of a claim, live or watching, append-only."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", **SAME_MERCHANT)
    claim = models.ForeignKey(Claim, models.PROTECT, related_name="verdicts", **SAME_MERCHANT)
    terms = models.ForeignKey(FastTrack, models.PROTECT, related_name="verdicts")
    is_upheld = models.BooleanField(_("upheld"))
    would_uphold = models.BooleanField(_("would uphold"))
    is_sampled = models.BooleanField(_("sampled"))
    reasons = models.JSONField(_("reasons"), default=list)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("verdict of the fast track")
        verbose_name_plural = _("verdicts of the fast track")
        constraints = [
            tenancy.TenantRows(name="claims_verdict_tenant"),
            tenancy.SameMerchant(field="claim", name="claims_verdict_claim"),
            tenancy.AppendOnly(name="claims_verdict_append_only"),
            models.UniqueConstraint(fields=["merchant", "claim"], name="claims_verdict_once"),
        ]

    def __str__(self) -> str:
        return f"v{self.terms_id} on {self.claim_id}"
