"""Who may teach, learn, assign and attend."""

from merchant_protection.accounts.actor import Actor, Kind

TRAINER, OPERATIONS = "TRAINER", "OPERATIONS"
READ, WRITE = "training:read", "training:write"


def can_author(actor: Actor) -> bool:
    """Trainers write courses; the system itself brings its own."""
    return actor.has_staff_role(TRAINER) or actor.kind == Kind.CLOCK


def can_review(actor: Actor, *, submitted_by_id: int | None) -> bool:
    """A second trainer, or operations, approves a version; nobody approves what they submitted."""
    if actor.kind == Kind.CLOCK:
        return True
    return actor.has_staff_role(TRAINER, OPERATIONS) and actor.id != submitted_by_id


def can_look(actor: Actor) -> bool:
    """Trainers and operations see drafts, attendance and results of all shops."""
    return actor.has_staff_role(TRAINER, OPERATIONS) or actor.is_system


def can_learn(actor: Actor, merchant_id: int | None) -> bool:
    """Every member of a shop may learn."""
    return actor.kind == Kind.USER and actor.role_in(merchant_id) is not None


def can_read(actor: Actor) -> bool:
    """People read courses; a program needs the scope for it."""
    return actor.kind == Kind.USER or actor.has_scope(READ)


def can_assign(actor: Actor, merchant_id: int) -> bool:
    """Owners, their programs, trainers and the rules say what a shop's people should learn."""
    is_program = actor.kind == Kind.KEY and actor.merchant_id == merchant_id and actor.has_scope(WRITE)
    return (
        actor.owns(merchant_id) or is_program or actor.has_staff_role(TRAINER, OPERATIONS) or actor.kind == Kind.CLOCK
    )


def can_set_relief(actor: Actor) -> bool:
    """Operations say which course takes off how many penalty points; trainers touch courses and nothing else."""
    return actor.has_staff_role(OPERATIONS) or actor.kind == Kind.CLOCK
