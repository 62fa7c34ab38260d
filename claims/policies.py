"""Who may do what with complaints."""

from claims import lifecycle
from claims.models import Claim
from merchant_protection.accounts.actor import Actor, Kind

REVIEWER = "REVIEWER"
SENIOR_REVIEWER = "SENIOR_REVIEWER"
OPERATIONS = "OPERATIONS"
REVIEWING = (REVIEWER, SENIOR_REVIEWER)
LOOKING = (*REVIEWING, OPERATIONS)
WRITE = "claims:write"


def can_file(actor: Actor, merchant_id: int) -> bool:
    """Owners, operators and the shop's programs with the scope file complaints; so does the system itself."""
    if actor.kind == Kind.KEY:
        return actor.merchant_id == merchant_id and actor.has_scope(WRITE)
    return actor.kind == Kind.CLOCK or actor.may_write(merchant_id)


def can_review(actor: Actor) -> bool:
    """Reviewers take cases."""
    return actor.kind == Kind.USER and actor.has_staff_role(*REVIEWING)


def can_see_desk(actor: Actor) -> bool:
    """Reviewers and operations look at the desk."""
    return actor.has_staff_role(*LOOKING)


def can_take(actor: Actor, claim: Claim) -> bool:
    """A case goes to a reviewer who has not decided it before; what needs a second person goes to a senior."""
    if not can_review(actor) or actor.id in claim.deciders:
        return False
    return claim.status != lifecycle.HELD or is_senior(actor)


def can_decide(actor: Actor, claim: Claim) -> bool:
    """Only who has the case decides it."""
    return can_take(actor, claim) and claim.reviewer_id == actor.id


def can_hand_on(actor: Actor, claim: Claim) -> bool:
    """Who has the case gives it back or to somebody else; seniors and operations do so for others."""
    return (can_review(actor) and claim.reviewer_id == actor.id) or actor.has_staff_role(SENIOR_REVIEWER, OPERATIONS)


def can_override(actor: Actor) -> bool:
    """Senior reviewers put a decision right."""
    return actor.kind == Kind.USER and is_senior(actor)


def can_configure(actor: Actor) -> bool:
    """Operations edit kinds, reasons, queues, calendars and service levels."""
    return actor.has_staff_role(OPERATIONS)


def can_lead(actor: Actor) -> bool:
    """Senior reviewers and operations move cases of others and look at everybody's figures."""
    return actor.has_staff_role(SENIOR_REVIEWER, OPERATIONS)


def can_hear(actor: Actor, *, leads: bool) -> bool:
    """Who leads hears of what comes late: senior reviewers, operations, and reviewers who lead somebody."""
    return can_lead(actor) or (leads and can_review(actor))


def can_answer_as_merchant(actor: Actor, claim: Claim) -> bool:
    """Owners, operators and programs of the shop write on its complaints, withdraw and appeal."""
    return actor.kind != Kind.CLOCK and can_file(actor, claim.merchant_id)


def can_appeal_for_buyer(actor: Actor) -> bool:
    """The selling platform passes on what its buyers say."""
    return actor.kind == Kind.PLATFORM and actor.has_scope(WRITE)


def is_clock(actor: Actor) -> bool:
    """Whether it is the system itself that acts."""
    return actor.kind == Kind.CLOCK


def is_senior(actor: Actor) -> bool:
    """Whether the actor is a senior reviewer."""
    return actor.has_staff_role(SENIOR_REVIEWER)
