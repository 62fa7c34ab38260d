"""When an answer is owed: calendars, service-level policies, and the clocks of each case."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from claims.models.claims import Claim
from claims.models.queues import Priority, Queue
from claims.rules import sla
from merchant_protection.accounts.models import Merchant, User
from merchant_protection.foundation import tenancy
from merchant_protection.marketplace.models.orders import SAME_MERCHANT


class WorkCalendar(models.Model):
    """When a desk works: several windows a day, a time zone, and dates that have hours of their own.

    A correction raises `revision`; open clocks are worked out again until all stand at it.
    """

    code = models.CharField(_("code"), max_length=40, unique=True)
    name_en = models.CharField(_("name in English"), max_length=80)
    name_zh = models.CharField(_("name in Chinese"), max_length=80)
    zone = models.CharField(_("time zone"), max_length=60, default="Asia/Shanghai")
    country = models.CharField(_("holidays of"), max_length=2, blank=True)
    # Seven lists from Monday of [opens, closes], such as ["09:00", "12:00"].
    week = models.JSONField(_("hours"), default=list)
    revision = models.PositiveIntegerField(_("revision"), default=1)
    recomputed = models.PositiveIntegerField(default=1)
    recomputed_up_to = models.BigIntegerField(default=0)
    updated_at = models.DateTimeField(_("updated"))

    class Meta:
        verbose_name = _("working calendar")
        verbose_name_plural = _("working calendars")

    def __str__(self) -> str:
        return self.code


class CalendarDate(models.Model):
    """A date with hours of its own: none on a holiday, some on an adjusted workday (调休)."""

    calendar = models.ForeignKey(WorkCalendar, models.CASCADE, related_name="dates")
    date = models.DateField(_("date"))
    hours = models.JSONField(_("hours"), default=list, blank=True)
    name = models.CharField(_("name"), max_length=120, blank=True)
    is_edited = models.BooleanField(_("entered by hand"), default=False)

    class Meta:
        verbose_name = _("date with hours of its own")
        verbose_name_plural = _("dates with hours of their own")
        constraints = [models.UniqueConstraint(fields=["calendar", "date"], name="claims_calendardate_once")]

    def __str__(self) -> str:
        return f"{self.calendar_id} {self.date}"


class SlaPolicy(models.Model):
    """One version of what is promised to merchants; a case keeps the version it started with (时效政策)."""

    code = models.CharField(_("code"), max_length=40)
    version = models.PositiveIntegerField(_("version"), default=1)
    name_en = models.CharField(_("name in English"), max_length=80)
    name_zh = models.CharField(_("name in Chinese"), max_length=80)
    queue = models.ForeignKey(Queue, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("queue"))
    priority = models.CharField(_("priority"), max_length=8, choices=Priority, blank=True)
    tier = models.CharField(_("tier"), max_length=20, blank=True)
    calendar = models.ForeignKey(WorkCalendar, models.PROTECT, related_name="+", verbose_name=_("calendar"))
    # [{"target", "minutes", "on_breach"}], minutes of working time.
    promises = models.JSONField(_("targets"), default=list)
    pause_cap = models.DurationField(_("longest pause in all"))
    warnings = ArrayField(models.PositiveSmallIntegerField(), default=list, verbose_name=_("warnings at per cent"))
    # [{"level", "audience", "minutes"}], after the target or, if negative, before it.
    steps = models.JSONField(_("escalation"), default=list)
    is_current = models.BooleanField(_("in use"), default=True)
    created_at = models.DateTimeField(_("since"))
    created_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("service level")
        verbose_name_plural = _("service levels")
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="claims_sla_version"),
            models.UniqueConstraint(fields=["code"], condition=models.Q(is_current=True), name="claims_sla_current"),
        ]

    def __str__(self) -> str:
        return f"{self.code} v{self.version}"


class Clock(models.Model):
    """One target of one case: since when it runs, when it is due, when it was met."""

    class Target(models.TextChoices):
        FIRST_RESPONSE = sla.Target.FIRST_RESPONSE, _("First response")
        NEXT_UPDATE = sla.Target.NEXT_UPDATE, _("Next update")
        RESOLUTION = sla.Target.RESOLUTION, _("Resolution")

    class OnBreach(models.TextChoices):
        ESCALATE = sla.OnBreach.ESCALATE, _("Escalate")
        NOTIFY = sla.OnBreach.NOTIFY, _("Notify")
        AUTO_UPHOLD = sla.OnBreach.AUTO_UPHOLD, _("Uphold when complete")

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", **SAME_MERCHANT)
    claim = models.ForeignKey(Claim, models.PROTECT, related_name="clocks", **SAME_MERCHANT)
    policy = models.ForeignKey(SlaPolicy, models.PROTECT, related_name="+", verbose_name=_("service level"))
    # An appeal has clocks of its own: 1 is the claim, 2 the first appeal, 3 the second.
    stage = models.PositiveSmallIntegerField(default=1)
    target = models.CharField(_("target"), max_length=16, choices=Target)
    round = models.PositiveSmallIntegerField(_("round"), default=1)
    started_at = models.DateTimeField(_("started"))
    due_at = models.DateTimeField(_("due"))
    stopped_at = models.DateTimeField(_("met"), null=True, blank=True)
    on_breach = models.CharField(_("when missed"), max_length=12, choices=OnBreach)
    breached_at = models.DateTimeField(_("missed"), null=True, blank=True)
    breach_answer = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name = _("clock")
        verbose_name_plural = _("clocks")
        indexes = [
            models.Index(
                fields=["due_at", "id"],
                condition=models.Q(stopped_at__isnull=True, breached_at__isnull=True),
                name="claims_clock_due",
            ),
            models.Index(fields=["policy"], condition=models.Q(stopped_at__isnull=True), name="claims_clock_open"),
        ]
        constraints = [
            tenancy.TenantRows(name="claims_clock_tenant"),
            tenancy.SameMerchant(field="claim", name="claims_clock_claim"),
            models.UniqueConstraint(fields=["merchant", "claim", "stage", "target", "round"], name="claims_clock_once"),
            models.UniqueConstraint(fields=["merchant", "id"], name="claims_clock_key"),
        ]

    def __str__(self) -> str:
        return f"{self.target} {self.claim_id}"


class Escalation(models.Model):
    """A row that fires once: a warning at so many per cent of a target, or a rung after it has passed."""

    class Kind(models.TextChoices):
        WARNING = sla.WARNING, _("Warning")
        ESCALATION = sla.ESCALATION, _("Escalation")

    class Audience(models.TextChoices):
        OWNER = "OWNER", _("Reviewer")
        LEAD = "LEAD", _("Team lead")
        HEAD = "HEAD", _("Head of the desk")

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", **SAME_MERCHANT)
    claim = models.ForeignKey(Claim, models.PROTECT, related_name="+", **SAME_MERCHANT)
    clock = models.ForeignKey(Clock, models.CASCADE, related_name="escalations", **SAME_MERCHANT)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    level = models.SmallIntegerField(_("level"))
    audience = models.CharField(_("who hears of it"), max_length=8, choices=Audience)
    due_at = models.DateTimeField(_("due"))
    fired_at = models.DateTimeField(_("fired"), null=True, blank=True)
    told = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    seen_at = models.DateTimeField(_("seen"), null=True, blank=True)

    class Meta:
        verbose_name = _("escalation")
        verbose_name_plural = _("escalations")
        indexes = [
            models.Index(
                fields=["due_at", "id"], condition=models.Q(fired_at__isnull=True), name="claims_escalation_due"
            ),
            models.Index(
                fields=["told", "-fired_at"],
                condition=models.Q(fired_at__isnull=False, seen_at__isnull=True),
                name="claims_escalation_told",
            ),
        ]
        constraints = [
            tenancy.TenantRows(name="claims_escalation_tenant"),
            tenancy.SameMerchant(field="claim", name="claims_escalation_claim"),
            tenancy.SameMerchant(field="clock", name="claims_escalation_clock"),
            models.UniqueConstraint(fields=["merchant", "clock", "kind", "level"], name="claims_escalation_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.level} {self.claim_id}"


class DeskSettings(models.Model):
    """One version of the desk's own limits; the newest is in force."""

    class Pause(models.TextChoices):
        OFF = "OFF", _("Off")
        SHADOW = "SHADOW", _("Watching")
        APPROVE = "APPROVE", _("The shop says yes")
        AUTO = "AUTO", _("By itself")

    version = models.PositiveIntegerField(_("version"), unique=True)
    auto_uphold_on = models.BooleanField(_("uphold overdue complaints by itself"), default=False)
    auto_uphold_a_day = models.PositiveIntegerField(_("at most so many a day"), default=0)
    second_approval_amount = models.DecimalField(
        _("second approval above"), max_digits=14, decimal_places=4, default=5000
    )
    second_approval_orders = models.PositiveIntegerField(
        _("second approval for buyers with so many orders"), default=50
    )
    evidence_days = models.PositiveSmallIntegerField(_("days to bring evidence"), default=3)
    appeal_days = models.PositiveSmallIntegerField(_("days to appeal"), default=30)
    sampled = models.FloatField(_("share reviewed again"), default=0.05)
    refund_pause = models.CharField(
        _("pause refunds that look malicious"), max_length=7, choices=Pause, default=Pause.APPROVE
    )
    refund_pause_hours = models.PositiveSmallIntegerField(_("hours of a pause"), default=24)
    bulk_at_once = models.PositiveSmallIntegerField(_("of a bulk filing, so many start at once"), default=20)
    bulk_spacing = models.DurationField(_("each further one later by"))
    created_at = models.DateTimeField(_("since"))
    created_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("limits of the desk")
        verbose_name_plural = _("limits of the desk")

    def __str__(self) -> str:
        return f"v{self.version}"
