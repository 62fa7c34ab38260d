"""Lists as somebody likes to look at them."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from merchant_protection.accounts.models.merchants import Merchant
from merchant_protection.foundation import tenancy


class SavedView(models.Model):
    """The filters of one list under a name: a tab for who saved it, or for everybody in the shop."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("saved by"))
    path = models.CharField(_("page"), max_length=200)
    name = models.CharField(_("name"), max_length=40)
    query = models.CharField(_("filters"), max_length=1000)
    is_shared = models.BooleanField(_("for everybody in the shop"), default=False)
    created_at = models.DateTimeField(_("saved"))
    updated_at = models.DateTimeField(_("updated"))
    deleted_at = models.DateTimeField(_("deleted"), null=True, blank=True)

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        constraints = [
            tenancy.TenantRows(name="accounts_savedview_tenant"),
            models.UniqueConstraint(
                fields=["merchant", "path", "user", "name"],
                condition=models.Q(deleted_at__isnull=True),
                name="accounts_savedview_once",
            ),
            models.CheckConstraint(condition=~models.Q(query=""), name="accounts_savedview_filters"),
        ]

    def __str__(self) -> str:
        return self.name
