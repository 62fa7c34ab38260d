from django.apps import AppConfig
from django.core.checks import register

from merchant_protection.foundation import checks


class FoundationConfig(AppConfig):
    name = "merchant_protection.foundation"
    label = "foundation"

    def ready(self) -> None:
        # Here and not beside the addresses: those are read only while the checks already run.
        register(checks.unsafe_combinations)
