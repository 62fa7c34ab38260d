"""Shops and who belongs to them."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from merchant_protection.foundation import tenancy


class Role(models.TextChoices):
    """What a member may do in a shop."""

    OWNER = "OWNER", _("Owner")
    OPERATOR = "OPERATOR", _("Operator")
    READ_ONLY = "READ_ONLY", _("Read only")


class Merchant(models.Model):
    """A shop on the selling platform (商家)."""

    code = models.CharField(_("shop number"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)
    category = models.CharField(_("main category"), max_length=80, blank=True)
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    time_zone = models.CharField(_("time zone"), max_length=60, default="Asia/Shanghai")
    language = models.CharField(_("language"), max_length=10, default="zh-hans")
    contact_email = models.EmailField(_("contact e-mail"), blank=True)
    contact_phone = models.CharField(_("contact phone"), max_length=40, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("merchant")
        verbose_name_plural = _("merchants")
        constraints = [tenancy.TenantRows(name="accounts_merchant_tenant", column="id")]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A person's place in a shop; ended ones are kept, switched off."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="memberships")
    role = models.CharField(_("role"), max_length=12, choices=Role)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(_("joined"), auto_now_add=True)
    last_seen_at = models.DateTimeField(_("last seen"), null=True, blank=True)

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        indexes = [
            models.Index(fields=["user"], condition=models.Q(is_active=True), name="accounts_membership_of_user")
        ]
        constraints = [
            tenancy.TenantRows(name="accounts_membership_tenant"),
            models.UniqueConstraint(fields=["merchant", "user"], name="accounts_membership_once"),
            models.UniqueConstraint(fields=["merchant", "id"], name="accounts_membership_key"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.merchant_id}: {self.role}"


class Invitation(models.Model):
    """A colleague asked to join a shop; the mail is sent by whoever finds it unsent."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="invitations")
    email = models.EmailField(_("e-mail"))
    role = models.CharField(_("role"), max_length=12, choices=Role)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    token_digest = models.CharField(max_length=64)
    token_sealed = models.TextField(blank=True)
    created_at = models.DateTimeField(_("invited"))
    expires_at = models.DateTimeField(_("expires"))
    mail_due_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        indexes = [
            models.Index(
                fields=["mail_due_at"], condition=models.Q(mail_due_at__isnull=False), name="accounts_invitation_due"
            ),
            models.Index(fields=["token_digest"], name="accounts_invitation_token"),
        ]
        constraints = [
            tenancy.TenantRows(name="accounts_invitation_tenant"),
            models.UniqueConstraint(
                "merchant",
                Lower("email"),
                condition=models.Q(accepted_at__isnull=True, revoked_at__isnull=True),
                name="accounts_invitation_one_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email} to {self.merchant_id}"
