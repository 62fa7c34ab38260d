"""Which staff role may look at which of the admin's pages, written out by hand: what stands nowhere is nobody's."""

ALL = ("REVIEWER", "SENIOR_REVIEWER", "OPERATIONS")
OPERATIONS = ("OPERATIONS",)
HOUSE = {
    "accounts.apikey": OPERATIONS,
    "accounts.invitation": OPERATIONS,
    "accounts.merchant": ALL,
    "accounts.user": OPERATIONS,
    "audit.checkpoint": OPERATIONS,
    "audit.entry": OPERATIONS,
    "marketplace.actiontarget": OPERATIONS,
    "marketplace.addresslist": ALL,
    "marketplace.aftersale": ALL,
    "marketplace.budget": OPERATIONS,
    "marketplace.budgetuse": OPERATIONS,
    "marketplace.buyer": ALL,
    "marketplace.import": OPERATIONS,
    "marketplace.inboundsource": OPERATIONS,
    "marketplace.inboxevent": OPERATIONS,
    "marketplace.listing": ALL,
    "marketplace.order": ALL,
    "marketplace.platform": OPERATIONS,
    "marketplace.platformaction": OPERATIONS,
    "marketplace.promotion": ALL,
    "marketplace.rulepause": OPERATIONS,
    "marketplace.switch": OPERATIONS,
    "notices.delivery": OPERATIONS,
    "notices.dispatch": OPERATIONS,
    "notices.endpoint": OPERATIONS,
    "notices.notice": OPERATIONS,
    "risk.appeal": ALL,
    "risk.buyercluster": ALL,
    "risk.restriction": ALL,
    "risk.signaldispute": ALL,
    "risk.violation": ALL,
    "risk.warning": ALL,
}
CLAIMS: dict[str, tuple[str, ...]] = {}
PRICING_GUARD = {"pricing_guard.incident": OPERATIONS}
SCALPER_POLICIES = {
    "scalper_policies.backtestrun": ALL,
    "scalper_policies.baselinetrial": ALL,
    "scalper_policies.baselineversion": ALL,
    "scalper_policies.degradedanswer": ALL,
    "scalper_policies.orderdecision": ALL,
    "scalper_policies.override": ALL,
    "scalper_policies.policyversion": ALL,
}
TEACHING = ("TRAINER", "OPERATIONS")
TRAINING = dict.fromkeys(
    (
        *("training.assignment", "training.assignmentrule", "training.attendance", "training.certificate"),
        *("training.course", "training.courseversion", "training.enrolment", "training.livesession"),
        *("training.reliefpolicy", "training.roomquestion"),
    ),
    TEACHING,
)
VIEWERS = HOUSE | CLAIMS | PRICING_GUARD | SCALPER_POLICIES | TRAINING
