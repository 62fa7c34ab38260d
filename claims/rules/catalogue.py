"""The kinds of claim a new desk starts with; operations edit them from there.

Codes are stored; the examples are message ids that pages translate.
"""

from datetime import timedelta

from claims.rules.kinds import Basis, Evidence, Kind, Moment

EXAMPLES = {
    "CHAT_DEMAND": "The whole chat with the demand in it, from the first to the last message.",
    "CHAT": "The whole chat with the buyer about this order.",
    "UNBOXING_VIDEO": "One video without a cut: the sealed parcel with its label, the opening, the contents.",
    "PACKING_VIDEO": "The video of packing this order, with the label readable.",
    "WEIGHT_RECORD": "The weights of the parcel as sent and as returned, with the scan times.",
    "SERIAL_NUMBERS": "The serial number you sent next to the one that came back.",
    "CARRIER_PROOF": "The carrier's record for this tracking number, with the signature if there is one.",
    "CARRIER_STATEMENT": "The carrier's written answer to your enquiry.",
    "RETURN_PHOTOS": "Photos of what came back, from all sides, with the return label.",
    "LAB_REPORT": "A test report on this batch from an accredited laboratory.",
    "QUALITY_CERTIFICATE": "The certificate or batch record of the goods.",
    "POLICE_REPORT": "The receipt of your report to the police.",
    "PAYMENT_RECORD": "The record of a private payment that was asked for or made.",
    "REVIEW_LINK": "The review with its address and the time it was posted.",
    "ORDER_DATA": "What is wrong with the order: the address, the quantity, the account.",
    "LINKED_ORDERS": "The numbers of the other orders you believe belong together.",
    "COMPLAINT_NOTICE": "The notice of the complaint made against your shop.",
    "LISTING_RECORD": "The listing as it stood when the order was placed.",
}


def _evidence(*types: str, weight: int = 1, or_else: tuple[str, ...] = ()) -> tuple[Evidence, ...]:
    return tuple(Evidence(each, weight, frozenset(or_else), EXAMPLES[each]) for each in types)


def _kind(
    code: str,
    required: tuple[Evidence, ...],
    helpful: tuple[Evidence, ...],
    *,
    since: Basis,
    days: int,
    opens_after_days: int = 0,
) -> Kind:
    opens = Moment(since, timedelta(days=opens_after_days))
    return Kind(code, required, helpful, opens, Moment(since, timedelta(days=days)))


KINDS: tuple[Kind, ...] = (
    _kind(
        "EXTORTION",
        _evidence("CHAT_DEMAND", weight=3),
        _evidence("PAYMENT_RECORD", "POLICE_REPORT", "LINKED_ORDERS"),
        since=Basis.HAPPENED,
        days=30,
    ),
    _kind(
        "MALICIOUS_REFUND_ONLY",
        _evidence("CHAT", weight=2),
        _evidence("PACKING_VIDEO", "CARRIER_PROOF", "WEIGHT_RECORD", "LINKED_ORDERS"),
        since=Basis.AFTER_SALE_OPENED,
        days=30,
    ),
    _kind(
        "FALSE_QUALITY_CLAIM",
        _evidence("QUALITY_CERTIFICATE", weight=2, or_else=("LAB_REPORT",)) + _evidence("CHAT"),
        _evidence("PACKING_VIDEO", "RETURN_PHOTOS", "LISTING_RECORD"),
        since=Basis.AFTER_SALE_OPENED,
        days=30,
    ),
    _kind(
        "SWAPPED_OR_EMPTY_RETURN",
        _evidence("UNBOXING_VIDEO", weight=3) + _evidence("RETURN_PHOTOS"),
        _evidence("WEIGHT_RECORD", "SERIAL_NUMBERS", "PACKING_VIDEO", "CARRIER_PROOF"),
        since=Basis.AFTER_SALE_OPENED,
        days=45,
    ),
    _kind(
        "RETURN_NOT_RECEIVED",
        _evidence("CARRIER_PROOF", weight=2, or_else=("CARRIER_STATEMENT",)),
        _evidence("CHAT"),
        since=Basis.AFTER_SALE_OPENED,
        days=60,
        opens_after_days=7,
    ),
    _kind(
        "FAKE_RETURN_LOGISTICS",
        _evidence("CARRIER_PROOF", weight=2, or_else=("CARRIER_STATEMENT",)),
        _evidence("CHAT", "WEIGHT_RECORD", "LINKED_ORDERS"),
        since=Basis.AFTER_SALE_OPENED,
        days=45,
    ),
    _kind(
        "PROFESSIONAL_CLAIMER",
        _evidence("CHAT_DEMAND", weight=2, or_else=("COMPLAINT_NOTICE",)) + _evidence("LINKED_ORDERS"),
        _evidence("LISTING_RECORD", "QUALITY_CERTIFICATE", "POLICE_REPORT"),
        since=Basis.HAPPENED,
        days=60,
    ),
    _kind(
        "REVIEW_BLACKMAIL",
        _evidence("CHAT_DEMAND", weight=2, or_else=("REVIEW_LINK",)),
        _evidence("REVIEW_LINK", "PAYMENT_RECORD"),
        since=Basis.HAPPENED,
        days=30,
    ),
    _kind(
        "FALSE_NON_RECEIPT",
        _evidence("CARRIER_PROOF", weight=2),
        _evidence("CARRIER_STATEMENT", "CHAT", "LINKED_ORDERS"),
        since=Basis.AFTER_SALE_OPENED,
        days=30,
    ),
    _kind(
        "ABNORMAL_ORDER",
        _evidence("ORDER_DATA", weight=2),
        _evidence("LINKED_ORDERS", "CHAT"),
        since=Basis.ORDER_PLACED,
        days=30,
    ),
    _kind(
        "MALICIOUS_RULE_COMPLAINT",
        _evidence("COMPLAINT_NOTICE", weight=2),
        _evidence("LISTING_RECORD", "QUALITY_CERTIFICATE", "CHAT"),
        since=Basis.HAPPENED,
        days=30,
    ),
)
