"""The selling platforms this portal stands beside."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Platform(models.Model):
    """A selling platform: where its actions are asked for, and by which adapter."""

    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)
    adapter = models.CharField(_("adapter"), max_length=40, default="signed_webhook")
    base_url = models.URLField(_("address for actions"), blank=True)
    secret_sealed = models.TextField(blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("selling platform")
        verbose_name_plural = _("selling platforms")

    def __str__(self) -> str:
        return self.name
