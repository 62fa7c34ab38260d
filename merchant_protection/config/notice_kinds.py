"""Every kind of notice: its name for people, and how urgent it is unless the sender says more.

The words of a kind stand in `templates/notices/kinds/<kind>.html`.
"""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

type Kinds = dict[str, tuple[Promise, str]]

HOUSE: Kinds = {
    "import.finished": (_("A file of orders was loaded"), "NORMAL"),
    "import.failed": (_("A file of orders could not be loaded"), "NORMAL"),
    "export.ready": (_("A list is ready as a file"), "NORMAL"),
    "inbox.parked": (_("Something the platform sent could not be taken in"), "CRITICAL"),
    "inbox.version_unknown": (_("Something the platform sent waits for a newer release"), "NORMAL"),
    "action.review": (_("An automatic action waits for you"), "CRITICAL"),
    "action.failed": (_("The platform did not carry out an action"), "CRITICAL"),
    "action.version_unknown": (_("An automatic action is kept back"), "NORMAL"),
    "budget.used_up": (_("This hour's budget of automatic actions is used up"), "CRITICAL"),
    "switch.stopped": (_("Automatic actions of your shop are stopped"), "CRITICAL"),
    "rule.paused": (_("A rule was paused because it acted too often"), "CRITICAL"),
    "warning.raised": (_("A risk warning of the highest level"), "CRITICAL"),
    "warning.expired": (_("A risk warning ended without an answer"), "NORMAL"),
    "restriction.ended": (_("A restriction of a buyer ended"), "NORMAL"),
    "appeal.answered": (_("A mis-hit appeal was answered"), "NORMAL"),
    "appeal.overdue": (_("A mis-hit appeal is overdue"), "NORMAL"),
    "violation.recorded": (_("The marketplace recorded a violation"), "CRITICAL"),
    "webhook.paused": (_("A webhook was paused because it failed too often"), "CRITICAL"),
    "webhook.gone": (_("A webhook was switched off by its own answer"), "CRITICAL"),
}

CLAIMS: Kinds = {
    "claim.evidence_needed": (_("Evidence is needed for a complaint"), "CRITICAL"),
    "claim.decided": (_("A complaint was decided"), "CRITICAL"),
    "claim.expired": (_("A complaint was closed because the evidence never came"), "CRITICAL"),
    "claim.message": (_("The desk wrote about a complaint"), "NORMAL"),
    "claim.late": (_("A complaint is not answered in time"), "NORMAL"),
}

PRICING_GUARD: Kinds = {
    "price.incident": (_("A price looks wrong"), "CRITICAL"),
    "price.incidents": (_("Several prices look wrong at once"), "CRITICAL"),
    "price.put_right": (_("A price you were alerted to was put right"), "NORMAL"),
    "price.answered": (_("A price you were alerted to was answered by a colleague"), "NORMAL"),
    "price.unanswered": (_("A wrong price waits for your answer"), "CRITICAL"),
    "price.not_set": (_("A product stays stopped because its good price was not set"), "CRITICAL"),
    "price.window_asked": (_("Low prices wait for a second person"), "NORMAL"),
    "price.version_unknown": (_("A guard policy is not understood by this release"), "CRITICAL"),
}

SCALPER_POLICIES: Kinds = {
    "draw.drawn": (_("A draw was drawn"), "NORMAL"),
    "policy.submitted": (_("A policy waits for approval"), "NORMAL"),
    "policy.approved": (_("A policy was approved"), "NORMAL"),
    "policy.sent_back": (_("A policy was sent back"), "NORMAL"),
    "policy.failed": (_("A policy could not answer"), "CRITICAL"),
    "policy.expired": (_("A policy ended with its launch"), "NORMAL"),
    "policy.overruled": (_("The marketplace overruled a rule in your shop"), "NORMAL"),
    "decision.overruled": (_("The marketplace overruled an answer about an order"), "NORMAL"),
}

TRAINING: Kinds = {
    "training.new_version": (_("A course you learn has a new version"), "QUIET"),
    "training.certified": (_("Somebody completed a course"), "QUIET"),
    "training.certificate_ends": (_("A certificate ends soon"), "NORMAL"),
    "training.required": (_("A course is required of your shop"), "NORMAL"),
    "training.recommended": (_("A course is recommended to your shop"), "QUIET"),
    "training.course_due": (_("A required course is due"), "NORMAL"),
    "training.session_soon": (_("A live session begins soon"), "NORMAL"),
    "training.points_relieved": (_("A completed course relieved penalty points"), "NORMAL"),
    "training.seat": (_("A seat in a live session came free"), "NORMAL"),
}

KINDS: Kinds = HOUSE | CLAIMS | PRICING_GUARD | SCALPER_POLICIES | TRAINING
# As they stand on the page where people choose.
GROUPS: tuple[tuple[Promise, Kinds], ...] = (
    (_("Shop and platform"), HOUSE),
    (_("Complaints"), CLAIMS),
    (_("Price guard"), PRICING_GUARD),
    (_("Scalper policies"), SCALPER_POLICIES),
    (_("Training"), TRAINING),
)
