"""How the API describes itself: title, version, and the names of its choices."""

# Words that several resources have, each with values of its own: the name a program's types carry.
ENUMS = {
    "ActionStatusEnum": "merchant_protection.marketplace.models.actions.PlatformAction.Status",
    "OrderKindEnum": "merchant_protection.marketplace.models.orders.Order.Kind",
    "OrderStatusEnum": "merchant_protection.marketplace.models.orders.Order.Status",
    "ReceivedEventStatusEnum": "merchant_protection.marketplace.models.inbox.InboxEvent.Status",
    "DisputeStatusEnum": "merchant_protection.risk.models.buyers.Appeal.Status",
    "ViolationKindEnum": "merchant_protection.risk.models.violations.Violation.Kind",
    "ClaimStatusEnum": "claims.models.claims.Claim.Status",
    "ClaimSourceEnum": "claims.models.claims.Claim.Source",
    "PriceBacktestKindEnum": "pricing_guard.models.jobs.Backtest.Kind",
    "PriceIncidentSeverityEnum": "pricing_guard.models.incidents.Incident.Severity",
    "PriceIncidentSourceEnum": "pricing_guard.models.incidents.Incident.Source",
    "PriceIncidentStatusEnum": "pricing_guard.models.incidents.Incident.Status",
    "PricePolicyScopeEnum": "pricing_guard.models.policies.GuardPolicy.Scope",
    "PriceWindowReasonEnum": "pricing_guard.models.policies.ApprovedWindow.Reason",
    "ScalperListKindEnum": "scalper_policies.models.lists.Kind",
    "WebhookDeliveryStatusEnum": "merchant_protection.notices.models.webhooks.Dispatch.Status",
    "OrderVerdictEnum": "scalper_policies.api.serializers.VERDICTS",
    "CourseLevelEnum": "training.models.courses.Level",
}

SPECTACULAR = {
    "TITLE": "Merchant Protection Portal",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PUBLIC": True,
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": ENUMS,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "merchant_protection.foundation.api.description.add_problems",
        "merchant_protection.foundation.api.description.require_bodies",
    ],
}
