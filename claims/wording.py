"""Codes of the desk in words of the merchant: for pages, files and the API alike."""

import re
from collections.abc import Collection

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

FAULTS: dict[str, Promise] = {
    "story_missing": _("Tell what happened: what the buyer wants, what you did, what came of it."),
    "story_short": _("Tell a little more: at least 10 characters."),
    "story_long": _("Tell it in at most 2,000 characters; put the rest into a file."),
    "amount_missing": _("Enter how much is at stake, more than zero."),
    "amount_high": _("Enter an amount below 100,000,000."),
    "amount_negative": _("Enter an amount that is not negative."),
    "time_too_old": _("Enter a time in this century."),
    "time_ahead": _("Enter a time that is not in the future."),
    "time_before_order": _("Enter a time after the order was placed."),
    "TOO_EARLY": _("A complaint of this kind cannot be filed yet. The dates stand beside the kinds."),
    "TOO_LATE": _("The time for a complaint of this kind is over. Another kind may still be open."),
    "NOT_YET_HAPPENED": _("What a complaint of this kind is about has not happened to this order, as far as we know."),
    "no_order": _("The platform has not told us the order yet. Try again in a few minutes."),
}
ROW_FAULTS: dict[str, Promise] = {
    "empty": _("The file holds no rows."),
    "not_text": _("The file is no text in UTF-8 or GB 18030."),
    "no_column": _("The file has no column “%(column)s”."),
    "too_many": _("The file has more than 500 rows. Send it in parts."),
    "order_missing": _("Enter the order number."),
    "order_unknown": _("There is no such order in your shop."),
    "kind_unknown": _("There is no such kind. The codes stand on this page."),
    "amount_unreadable": _("Enter an amount such as 1023.98."),
    "time_unreadable": _("Enter a time such as 2026-11-24 09:30."),
    "channel_unknown": _("There is no such channel."),
    "contacted_unknown": _("Enter yes or no."),
}
# What the history says, told to the merchant; the desk's own moves are told as what they mean for it.
MOVES: dict[str, Promise] = {
    "submit": _("Complaint filed"),
    "withdraw": _("Complaint withdrawn"),
    "take": _("A reviewer reads your complaint"),
    "put_back": _("Back in line for a reviewer"),
    "ask_for_evidence": _("The reviewer asks for evidence"),
    "receive_evidence": _("You sent the evidence"),
    "expire": _("Closed: the evidence did not come in time"),
    "uphold": _("Decided for you"),
    "partly_uphold": _("Decided for you in part"),
    "reject": _("Not upheld"),
    "hold": _("A second reviewer looks at the decision"),
    "send_back": _("The first reviewer looks at it again"),
    "fast_track": _("Decided for you at once"),
    "uphold_overdue": _("Decided for you, as our time had run out"),
    "override_to_upheld": _("Corrected: decided for you"),
    "override_to_partly_upheld": _("Corrected: decided for you in part"),
    "override_to_rejected": _("Corrected: not upheld"),
    "appeal": _("Appeal filed"),
    "take_appeal": _("Another reviewer reads the appeal"),
    "put_back_appeal": _("The appeal is back in line"),
    "uphold_on_appeal": _("Decided for you on appeal"),
    "partly_uphold_on_appeal": _("Decided for you in part on appeal"),
    "reject_on_appeal": _("Not upheld on appeal"),
    "finalise": _("The decision is final"),
}
ICONS = {
    "submit": "send",
    "withdraw": "arrow-back-up",
    "take": "user-search",
    "take_appeal": "user-search",
    "ask_for_evidence": "file-alert",
    "receive_evidence": "file-check",
    "expire": "clock-off",
    "uphold": "circle-check",
    "partly_uphold": "circle-check",
    "fast_track": "circle-check",
    "uphold_overdue": "circle-check",
    "uphold_on_appeal": "circle-check",
    "partly_uphold_on_appeal": "circle-check",
    "reject": "circle-x",
    "reject_on_appeal": "circle-x",
    "hold": "users",
    "appeal": "gavel",
    "finalise": "lock",
}
SIDE_ICONS = {"MERCHANT": "message", "DESK": "message-circle"}
TONES = {
    "DRAFT": "idle",
    "SUBMITTED": "sent",
    "IN_REVIEW": "review",
    "AWAITING_EVIDENCE": "need",
    "HELD": "review",
    "UPHELD": "good",
    "PARTLY_UPHELD": "good",
    "REJECTED": "hollow",
    "WITHDRAWN": "hollow",
    "EXPIRED": "hollow",
    "APPEALED": "sent",
    "APPEAL_REVIEW": "review",
    "FINAL": "hollow",
}
EXAMPLES: dict[str, Promise] = {
    "CHAT_DEMAND": _("The whole chat with the demand in it, from the first to the last message."),
    "CHAT": _("The whole chat with the buyer about this order."),
    "UNBOXING_VIDEO": _("One video without a cut: the sealed parcel with its label, the opening, the contents."),
    "PACKING_VIDEO": _("The video of packing this order, with the label readable."),
    "WEIGHT_RECORD": _("The weights of the parcel as sent and as returned, with the scan times."),
    "SERIAL_NUMBERS": _("The serial number you sent next to the one that came back."),
    "CARRIER_PROOF": _("The carrier's record for this tracking number, with the signature if there is one."),
    "CARRIER_STATEMENT": _("The carrier's written answer to your enquiry."),
    "RETURN_PHOTOS": _("Photos of what came back, from all sides, with the return label."),
    "LAB_REPORT": _("A test report on this batch from an accredited laboratory."),
    "QUALITY_CERTIFICATE": _("The certificate or batch record of the goods."),
    "POLICE_REPORT": _("The receipt of your report to the police."),
    "PAYMENT_RECORD": _("The record of a private payment that was asked for or made."),
    "REVIEW_LINK": _("The review with its address and the time it was posted."),
    "ORDER_DATA": _("What is wrong with the order: the address, the quantity, the account."),
    "LINKED_ORDERS": _("The numbers of the other orders you believe belong together."),
    "COMPLAINT_NOTICE": _("The notice of the complaint made against your shop."),
    "LISTING_RECORD": _("The listing as it stood when the order was placed."),
}
# What the desk asks of the selling platform, by what actions keep of it.
ASKED: dict[re.Pattern[str], Promise] = {
    re.compile(r"refund_pause"): _("Refund held until a request was looked at"),
    re.compile(r"decision:\w+"): _("Decision of the claim desk"),
    re.compile(r"(?P<points>\d+) points"): _("The request looks malicious: %(points)s points."),
    re.compile(r"the pause is over"): _("The time for looking at the request is over."),
    re.compile(r"(?P<number>[\w-]+): upheld"): _("Complaint %(number)s was decided for you."),
    re.compile(r"(?P<number>[\w-]+): partly_upheld"): _("Complaint %(number)s was decided for you in part."),
    re.compile(r"(?P<number>[\w-]+): rejected"): _("Complaint %(number)s was not upheld."),
    re.compile(r"(?P<number>[\w-]+): overturned"): _("The decision on complaint %(number)s was overturned."),
}


def asked(_merchant_id: int, texts: Collection[str]) -> dict[str, str]:
    """Put the desk's rules and reasons into words, by what actions keep of them."""
    found = {}
    for text in texts:
        for pattern, words in ASKED.items():
            if match := pattern.fullmatch(text):
                found[text] = str(words) % match.groupdict() if match.groupdict() else str(words)
    return found
