from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PricingGuardConfig(AppConfig):
    name = "pricing_guard"
    verbose_name = _("Price guard")
