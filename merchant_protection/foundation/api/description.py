"""What the API's description adds to every endpoint: the refusals it may answer with, as problem+json."""

from typing import Any

from drf_spectacular.openapi import AutoSchema

from merchant_protection.foundation.api import problems

ANYWHERE = (400, 401, 403, 404, 406, 429, 503)
WITH_BODY = (409, 413, 415, 422)
WITH_QUERY = (422,)
PROBLEM = {
    "type": "object",
    "description": "Why a request was refused (RFC 9457).",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {
                    "field": {"type": "string"},
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                },
            },
        },
    },
}


class Described(AutoSchema):
    """Describes the headers that a view asks for, beside what the serializers say."""

    def get_serializer_name(self, serializer: Any, direction: Any) -> str:
        """Return what a form is called: features name theirs alike, so that the feature's name keeps them apart."""
        app = type(serializer).__module__.split(".")[0]
        feature = "" if app in ("merchant_protection", "rest_framework") else app.title().replace("_", "")
        return feature + str(super().get_serializer_name(serializer, direction))

    def get_override_parameters(self) -> list[Any]:
        """Return the headers of a POST, as the view tells them."""
        describe = getattr(self.view, "header_parameters", None)
        if self.method != "POST" or describe is None:
            return []
        return list(describe(getattr(self.view, "action", None) or "post"))


def require_bodies(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Say that a body must be sent where the form in it has fields that must be."""
    for path in result["paths"].values():
        for operation in path.values():
            body = operation.get("requestBody") if isinstance(operation, dict) else None
            if body and any(kind["schema"].get("required") for kind in body["content"].values()):
                body["required"] = True
    return result


def add_problems(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Describe for every operation the problems it may answer with."""
    result.setdefault("components", {}).setdefault("schemas", {})["Problem"] = PROBLEM
    for path in result["paths"].values():
        for method, operation in path.items():
            if isinstance(operation, dict) and "responses" in operation:
                for status in (*ANYWHERE, *(WITH_QUERY if method == "get" else WITH_BODY)):
                    operation["responses"][str(status)] = _described(status)
    return result


def _described(status: int) -> dict[str, Any]:
    content = {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": problems.TITLES[status], "content": content}
