"""Signed events as the selling platform posts them; the signature is made by the standard's own library."""

import base64
import copy
import hashlib
import hmac
import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.test import Client
from standardwebhooks import Webhook

PATH = "/api/v1/events"
SECRET = "whsec_cG9zdGluZy10ZXN0cy1zZWNyZXQ="
AT = "2026-11-20T10:00:00+08:00"
DATA: dict[str, dict[str, Any]] = {
    "listing.changed": {
        "sku": "WM-1", "title": "洗衣机", "category": "家电", "list_price": "1599.00", "price": "1299.00",
        "cost": "900.00", "currency": "CNY", "stock": 10, "status": "LISTED",
    },
    "price.changed": {"sku": "WM-1", "price": "1199.00", "currency": "CNY", "by": "王店长"},
    "promotion.changed": {
        "code": "P-1", "title": "满减", "kind": "COUPON", "skus": ["WM-1"], "value": "50.00",
        "starts_at": AT, "ends_at": "2026-11-30T10:00:00+08:00", "funding": "MERCHANT", "status": "RUNNING",
    },
    "buyer.changed": {
        "ref": "b-774821", "account_created_at": AT, "level": "V3", "phone_verified": True,
        "real_name_verified": False, "paid_orders": 7,
    },
    "order.changed": {
        "number": "O-1", "buyer": "b-774821", "status": "PAID", "placed_at": AT, "channel": "app", "currency": "CNY",
        "total": "1198.00",
        "lines": [
            {"sku": "WM-1", "title": "洗衣机", "quantity": 1, "unit_price": "1199", "discount": "1", "paid": "1198"},
        ],
        "recipient": {"name": "张三", "phone": "138 0013 8000", "address": "浙江省杭州市西湖区文三路12号3栋1202"},
        "device": "device-canary", "ip": "203.0.113.77", "payment": "card-canary",
    },
    "after_sale.changed": {
        "number": "AS-1", "order": "O-1", "buyer": "b-774821", "kind": "REFUND_ONLY", "status": "OPEN",
        "reason": "质量问题", "wording": "坏了", "amount": "1198.00", "currency": "CNY", "opened_at": AT,
        "tracking": "SF1234567890",
    },
}  # fmt: skip


def event(type: str = "order.changed", *, version: int = 1, merchant: str = "shop-a", **changes: Any) -> dict[str, Any]:
    """An event of this type; changes of `id`, `occurred_at`, `schema` are the envelope's, all others the data's."""
    envelope = {name: changes.pop(name) for name in ("id", "occurred_at", "schema") if name in changes}
    data = {name: value for name, value in (copy.deepcopy(DATA[type]) | changes).items() if value is not ...}
    plain = {"id": f"evt-{uuid.uuid4()}", "type": type, "schema": 1, "merchant": merchant, "occurred_at": AT}
    return {**plain, "version": version, "data": data, **envelope}


def encoded(body: Any) -> bytes:
    """A body's bytes: what is bytes already stays as it is."""
    return body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()


def lines(events: list[dict[str, Any]]) -> bytes:
    """Several events as NDJSON."""
    return b"".join(encoded(each) + b"\n" for each in events)


def signed(
    body: bytes, *, secret: str = SECRET, source: str = "src_tests", at: datetime | None = None
) -> dict[str, str]:
    """The headers of a signed body."""
    moment = at or datetime.now(UTC)
    message_id, timestamp = f"msg-{uuid.uuid4()}", int(moment.timestamp())
    return {
        "portal-source": source,
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(body, message_id=message_id, timestamp=str(timestamp), secret=secret),
    }


def signature(body: bytes, *, message_id: str, timestamp: str, secret: str = SECRET) -> str:
    """The signature by the standard's own library where it can, which takes text only."""
    try:
        return Webhook(secret).sign(
            msg_id=message_id, timestamp=datetime.fromtimestamp(int(timestamp), UTC), data=body.decode()
        )
    except UnicodeDecodeError:
        key = base64.b64decode(secret.removeprefix("whsec_"))
        content = f"{message_id}.{timestamp}.".encode() + body
        return "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()


def post(
    body: Any,
    *,
    headers: Mapping[str, str] | None = None,
    content_type: str = "application/json",
    client: Client | None = None,
    **more: Any,
) -> Any:
    """Post a body with a good signature, or with these headers."""
    raw = encoded(body)
    given = dict(headers) if headers is not None else signed(raw, **more)
    return (client or Client()).post(PATH, raw, content_type=content_type, headers=given)
