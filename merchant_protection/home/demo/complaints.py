"""The demo's review desk: reviewers on their queues, and complaints at every stage of their life."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from claims.queries import claims as queries
from claims.queries import desk
from claims.services import appealing, configuring, conversing, deciding, filing, taking
from claims.services.writing import Verdict
from merchant_protection.accounts import queries as accounts
from merchant_protection.accounts.actor import Actor, Kind
from merchant_protection.marketplace.models import InboundSource
from merchant_protection.marketplace.queries import inbox, orders
from merchant_protection.marketplace.rules import event_reading
from merchant_protection.marketplace.services import deciding as inbox_deciding
from merchant_protection.marketplace.services import ingest

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
UPHELD = Verdict("UPHELD", ["DEMAND_PROVEN"], note="聊天记录完整，索要事实清楚。", remedies=["EXEMPT_ORDER"])
REJECTED = Verdict("REJECTED", ["EVIDENCE_TOO_THIN"], note="聊天记录不完整，看不出索要。", buyer_note="投诉不成立。")
PARTLY = Verdict("PARTLY_UPHELD", ["PARTLY_PROVEN"], note="第一行与发货不符，第二行证据不足。", lines={1: "UPHELD"})


@dataclass(frozen=True)
class Story:
    """One complaint: how long ago, what about, and how far the desk has come with it."""

    days: float
    kind: str
    amount: str
    told: str
    stage: str
    wording: str = ""


STORIES = (
    Story(20, "EXTORTION", "268", "买家收货后索要 200 元“补偿”，称不给就打差评并投诉。", "upheld", "不私了就差评"),
    Story(18, "ABNORMAL_ORDER", "1596", "同一地址一天内下单二十台，均未付款，影响活动库存。", "rejected"),
    Story(15, "EXTORTION", "399", "买家在微信要求转账 150 元撤诉，附聊天截图。", "upheld", "转账撤诉"),
    Story(
        13,
        "MALICIOUS_REFUND_ONLY",
        "529",
        "签收次日称质量问题，只要退款不退货，未提供照片。",
        "rejected",
        "质量太差，只退款",
    ),
    Story(3, "PROFESSIONAL_CLAIMER", "860", "买家引用标签规定索赔十倍，近期在多家店铺有相同主张。", "appealed"),
    Story(9, "SWAPPED_OR_EMPTY_RETURN", "1299", "退回的是旧机，序列号与发出的不一致。", "partly", "不喜欢，退货"),
    Story(0.3, "EXTORTION", "9800", "企业采购订单，对方要求私下返现 2000 元。", "held"),
    Story(1, "REVIEW_BLACKMAIL", "158", "连续三天以差评要挟免单。", "asked"),
    Story(0.15, "FALSE_NON_RECEIPT", "319", "承运商显示本人签收，买家称未收到。", "taken", "没收到货"),
    Story(1.5, "MALICIOUS_REFUND_ONLY", "229", "同一地址多个账号先后仅退款，措辞相同。", "new", "货不对板，仅退款"),
    Story(0.12, "EXTORTION", "488", "买家称“不赔就投诉到 12315”，要求三倍赔偿。", "new", "不赔就投诉，退一赔三"),
    Story(0.06, "FAKE_RETURN_LOGISTICS", "699", "退货单号查不到揽收记录。", "new", "已寄回"),
    Story(0.03, "ABNORMAL_ORDER", "5600", "收货人电话为空号，地址为转运仓。", "new"),
    Story(0.01, "REVIEW_BLACKMAIL", "99", "要求返现 50 元，否则追加差评。", "new"),
)


def seed(*, actor: Actor, merchant_id: int, code: str, source: str, at: datetime) -> None:
    """Make the desk's people and a shop's complaints; what is there already stays as it is."""
    first, second = _reviewer("reviewer@demo.test"), _reviewer("senior@demo.test")
    if first is None or second is None or queries.visible_to(actor).filter(merchant_id=merchant_id).exists():
        return
    operations = Actor(kind=Kind.USER, name="Demo", staff_roles=frozenset(["OPERATIONS"]))
    queues = [queue.pk for queue in desk.queues()]
    for person, lead in ((first, second.id), (second, None)):
        configuring.place_reviewer(
            user_id=person.id or 0, queue_ids=queues, actor=operations, at=at, lead_id=lead, most_at_once=5
        )
    _tell_orders(inbox.source(source), code, at=at)
    for number, story in enumerate(STORIES, start=1):
        _live(story, _number(number), actor=actor, merchant_id=merchant_id, reviewers=(first, second), at=at)


def _live(
    story: Story, number: str, *, actor: Actor, merchant_id: int, reviewers: tuple[Actor, Actor], at: datetime
) -> None:
    order = orders.visible_to(actor).filter(merchant_id=merchant_id, number=number).first()
    if order is None:
        return
    filed = at - story.days * DAY + 2 * MINUTE
    claim = filing.draft(
        merchant_id=merchant_id,
        kind_code=story.kind,
        order_id=order.pk,
        actor=actor,
        at=filed,
        amount=Decimal(story.amount),
        story=story.told,
        happened_at=filed - 60 * MINUTE,
        demand_channel="PLATFORM_CHAT",
        desired_remedies=["EXEMPT_ORDER", "COMPENSATION"],
    )
    filing.submit(claim_id=claim.pk, actor=actor, at=filed)
    if story.stage != "new":
        owner = Actor(kind=Kind.USER, name=actor.name, merchant_roles={merchant_id: "OWNER"})
        _work(story.stage, claim.pk, reviewers, merchant=owner, at=filed + 90 * MINUTE)


def _work(stage: str, claim_id: int, reviewers: tuple[Actor, Actor], *, merchant: Actor, at: datetime) -> None:
    first, _second = reviewers
    taking.take(claim_id=claim_id, actor=first, at=at)
    soon = at + 6 * MINUTE
    if stage == "asked":
        conversing.ask_for_evidence(
            claim_id=claim_id, actor=first, at=soon, body="请补充完整聊天记录，从第一条到最后一条。", asks_for=["CHAT"]
        )
    elif stage == "taken":
        taking.keep(claim_id=claim_id, actor=first, at=soon)
        conversing.write_to_merchant(claim_id=claim_id, actor=first, at=soon, body="证据已收到，正在向承运商核实。")
    else:
        verdict = {"rejected": REJECTED, "appealed": REJECTED, "partly": PARTLY}.get(stage, UPHELD)
        deciding.decide(claim_id=claim_id, actor=first, at=soon, verdict=verdict)
    if stage == "appealed":
        appealing.appeal(
            claim_id=claim_id,
            actor=merchant,
            at=soon + DAY,
            ground="NEW_EVIDENCE",
            text="补充其他店铺收到的同样措辞的投诉通知，足以说明是职业索赔。",
        )


def _tell_orders(source: InboundSource | None, code: str, *, at: datetime) -> None:
    """The orders behind the complaints, told as the selling platform tells them."""
    if source is None:
        return
    events = [event for number, story in enumerate(STORIES, start=1) for event in _events(number, story, code, at=at)]
    items, _single = event_reading.split(json.dumps(events).encode(), is_lines=False)
    ingest.accept(source=source, items=event_reading.read(items), at=at)
    while inbox_deciding.decide_due(now=at):
        pass


def _events(number: int, story: Story, code: str, *, at: datetime) -> list[dict[str, object]]:
    placed = at - story.days * DAY - 3 * DAY
    buyer = f"demo-buyer-{number % 5}"
    half = Decimal(story.amount) / 2
    lines = [
        {"sku": f"DEMO-{number}-{each}", "title": "演示商品", "quantity": 1, "unit_price": f"{half}", "paid": f"{half}"}
        for each in (1, 2)
    ]
    found: list[dict[str, object]] = [
        {
            "type": "order.changed",
            "data": {
                "number": _number(number),
                "buyer": buyer,
                "status": "DELIVERED",
                "placed_at": placed.isoformat(),
                "channel": "app",
                "currency": "CNY",
                "total": story.amount,
                "lines": [line | {"discount": "0"} for line in lines],
            },
        }
    ]
    if story.wording:
        asked = {
            "number": f"AS-{_number(number)}",
            "order": _number(number),
            "buyer": buyer,
            "kind": "RETURN" if "RETURN" in story.kind else "REFUND_ONLY",
            "status": "OPEN",
            "reason": "质量问题",
            "wording": story.wording,
            "amount": story.amount,
            "currency": "CNY",
            "opened_at": (at - story.days * DAY - 120 * MINUTE).isoformat(),
        }
        found.append({"type": "after_sale.changed", "data": asked})
    return [
        {"id": f"demo-{code}-{number}-{place}", "schema": 1, "merchant": code, "version": 1}
        | {"occurred_at": placed.isoformat(), **event}
        for place, event in enumerate(found)
    ]


def _number(number: int) -> str:
    return f"DEMO-CLAIM-{number:03}"


def _reviewer(email: str) -> Actor | None:
    user = accounts.user_by_email(email)
    if user is None:
        return None
    return Actor(kind=Kind.USER, id=user.pk, name=user.display_name, staff_roles=frozenset(user.staff_roles))
