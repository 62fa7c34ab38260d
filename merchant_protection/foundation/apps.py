from django.apps import AppConfig


class FoundationConfig(AppConfig):
    name = "merchant_protection.foundation"
    label = "foundation"
