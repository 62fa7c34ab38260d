from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ScalperPoliciesConfig(AppConfig):
    name = "scalper_policies"
    verbose_name = _("Scalper policies")
