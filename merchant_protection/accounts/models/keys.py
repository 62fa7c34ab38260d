"""Keys for programs."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from merchant_protection.accounts.models.merchants import Merchant
from merchant_protection.foundation import tenancy


class ApiKey(models.Model):
    """A program's key: shown once, kept as a digest, limited to scopes, revocable.

    Without a merchant it is the selling platform's own.
    """

    merchant = models.ForeignKey(Merchant, models.PROTECT, null=True, blank=True, related_name="api_keys")
    name = models.CharField(_("name"), max_length=80)
    prefix = models.CharField(_("begins with"), max_length=12, unique=True)
    digest = models.CharField(max_length=64)
    scopes = ArrayField(models.CharField(max_length=40), default=list)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(_("created"))
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        constraints = [tenancy.TenantRows(name="accounts_apikey_tenant")]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
