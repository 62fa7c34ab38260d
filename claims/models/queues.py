"""Queues of the desk, the rules that fill them, and the people who empty them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from claims.rules import routing
from merchant_protection.accounts.models import User
from merchant_protection.marketplace.models.listings import MONEY


class Priority(models.TextChoices):
    """How soon an answer is owed."""

    NORMAL = "NORMAL", _("Normal")
    HIGH = "HIGH", _("High")
    URGENT = "URGENT", _("Urgent")


class Risk(models.TextChoices):
    """How dangerous the buyer looks."""

    LOW = routing.Risk.LOW, _("Low")
    MEDIUM = routing.Risk.MEDIUM, _("Medium")
    HIGH = routing.Risk.HIGH, _("High")


class Queue(models.Model):
    """A line of cases that a group of reviewers works off."""

    code = models.CharField(_("code"), max_length=40, unique=True)
    name_en = models.CharField(_("name in English"), max_length=80)
    name_zh = models.CharField(_("name in Chinese"), max_length=80)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    is_default = models.BooleanField(_("takes what no rule takes"), default=False)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("queue")
        verbose_name_plural = _("queues")
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=models.Q(is_default=True), name="claims_queue_default"
            )
        ]

    def __str__(self) -> str:
        return self.code


class RoutingRule(models.Model):
    """One line of the routing table; the first whose conditions all hold decides (分派规则)."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    queue = models.ForeignKey(Queue, models.PROTECT, related_name="rules", verbose_name=_("queue"))
    kinds = ArrayField(models.CharField(max_length=40), default=list, blank=True, verbose_name=_("kinds"))
    tiers = ArrayField(models.CharField(max_length=40), default=list, blank=True, verbose_name=_("tiers"))
    languages = ArrayField(models.CharField(max_length=40), default=list, blank=True, verbose_name=_("languages"))
    amount_from = models.DecimalField(_("amount from"), null=True, blank=True, **MONEY)
    amount_below = models.DecimalField(_("amount below"), null=True, blank=True, **MONEY)
    risk_from = models.CharField(_("risk from"), max_length=6, choices=Risk, blank=True)
    skills = ArrayField(models.CharField(max_length=40), default=list, blank=True, verbose_name=_("skills needed"))
    priority = models.CharField(_("priority"), max_length=8, choices=Priority, default=Priority.NORMAL)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("routing rule")
        verbose_name_plural = _("routing rules")

    def __str__(self) -> str:
        return self.name


class Reviewer(models.Model):
    """What a member of the desk works on: queues, skills, and who hears of it when a case is late."""

    user = models.OneToOneField(User, models.PROTECT, related_name="desk", verbose_name=_("person"))
    queues = models.ManyToManyField(Queue, related_name="reviewers", blank=True, verbose_name=_("queues"))
    skills = ArrayField(models.CharField(max_length=40), default=list, blank=True, verbose_name=_("skills"))
    lead = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("team lead"))
    most_at_once = models.PositiveSmallIntegerField(_("cases at once"), default=3)
    is_active = models.BooleanField(_("takes cases"), default=True)

    class Meta:
        verbose_name = _("reviewer")
        verbose_name_plural = _("reviewers")

    def __str__(self) -> str:
        return str(self.user)


class LaneCount(models.Model):
    """How the number of cases in one lane of a queue changed; the sum is what lies there.

    Changes are added, never updated, so that nobody waits for a counter; a sweep folds them together.
    """

    queue = models.ForeignKey(Queue, models.CASCADE, related_name="+")
    lane = models.CharField(max_length=16)
    change = models.IntegerField()

    class Meta:
        indexes = [models.Index(fields=["queue", "lane"], include=["change"], name="claims_lanecount_sum")]

    def __str__(self) -> str:
        return f"{self.queue_id} {self.lane} {self.change:+d}"


class DeskView(models.Model):
    """A filter of the queue page that a reviewer keeps, or shares with the team."""

    owner = models.ForeignKey(User, models.PROTECT, related_name="+")
    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(max_length=500)
    is_shared = models.BooleanField(_("shared with the team"), default=False)

    class Meta:
        verbose_name = _("view of the desk")
        verbose_name_plural = _("views of the desk")
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="claims_deskview_name")]

    def __str__(self) -> str:
        return self.name
