"""Every read of evidence: of a complaint, of a shop, and where the same picture was shown before."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import QuerySet

from claims.models import Attachment, Claim, Evidence, EvidenceType
from claims.queries import kinds
from claims.rules.kinds import Completeness, completeness
from merchant_protection.accounts.actor import Actor
from merchant_protection.files import lifecycle
from merchant_protection.files.models import StoredFile
from merchant_protection.files.rules import likeness
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import NotFound

RECENT = ["-added_at", "-id"]
MOST_ALIKE = 200


def visible_to(actor: Actor) -> QuerySet[Evidence]:
    """Return the evidence of the actor's shops; staff and the system see all."""
    tenancy.require_scope()
    rows = Evidence.objects.filter(removed_at__isnull=True).select_related("file", "claim__kind")
    if actor.is_staff or actor.is_system:
        return rows
    shops = {*actor.merchant_roles, *([actor.merchant_id] if actor.merchant_id else [])}
    return rows.filter(merchant_id__in=shops)


def of_claim(claim: Claim) -> QuerySet[Evidence]:
    """Return what a complaint shows, in the order it was added."""
    mine = Evidence.objects.filter(merchant_id=claim.merchant_id, claim_id=claim.pk, removed_at__isnull=True)
    return mine.select_related("file").order_by("added_at", "pk")


def attachments_of(claim: Claim) -> QuerySet[Attachment]:
    """Return the files that went with messages of a complaint, in the order they were sent."""
    mine = Attachment.objects.filter(merchant_id=claim.merchant_id, message__claim_id=claim.pk)
    return mine.select_related("file", "message").order_by("pk")


def lock(evidence_id: int) -> Evidence:
    """Return one piece, locked; a stranger's is not found."""
    tenancy.require_scope()
    found = Evidence.objects.select_for_update(of=("self",)).select_related("file").filter(pk=evidence_id).first()
    if found is None:
        raise NotFound
    return found


def shown(claim: Claim) -> set[str]:
    """Return the types a complaint shows, those still being checked included."""
    files = of_claim(claim).exclude(file__status__in=lifecycle.GONE)
    return {*files.values_list("type", flat=True), *_told(claim)}


def checked(claim: Claim) -> set[str]:
    """Return the types a complaint shows by files that are checked and clean."""
    files = of_claim(claim).filter(file__status=lifecycle.CLEAN)
    return {*files.values_list("type", flat=True), *_told(claim)}


def _told(claim: Claim) -> set[str]:
    """Further orders that a complaint names show by themselves what belongs together."""
    return {EvidenceType.LINKED_ORDERS} if claim.joined.exists() else set()


def completeness_of(claim: Claim) -> Completeness:
    """Return how complete a complaint is with what it shows now, and what is missing."""
    return completeness(kinds.as_rule(claim.kind), shown(claim))


def to_let_go(*, before: datetime) -> QuerySet[Evidence]:
    """Return what was taken out long enough ago that nobody will put it back."""
    tenancy.require_scope()
    return Evidence.objects.filter(removed_at__lt=before, is_let_go=False).order_by("removed_at")


def same_pictures(rows: Iterable[Evidence]) -> dict[int, list[Evidence]]:
    """Return, for each piece whose picture was shown in another complaint of the scope, those other pieces.

    Asked in a shop's scope it looks at that shop's complaints alone, in the platform's at all. A likeness is a
    flag for a person to look at, never a verdict. The cost grows with the pictures alike, not with all there are.
    """
    tenancy.require_scope()
    mine = [each for each in rows if each.file.picture]
    parts = sorted({part for each in mine for part in each.file.picture_bands})
    if not parts:
        return {}
    alike = (
        Evidence.objects.filter(file__picture_bands__overlap=parts, removed_at__isnull=True)
        .exclude(file__status__in=lifecycle.GONE)
        .select_related("file", "claim")
        .order_by("-pk")[:MOST_ALIKE]
    )
    found: dict[int, list[Evidence]] = defaultdict(list)
    for other in alike:
        for each in mine:
            if other.claim_id != each.claim_id and likeness.is_same(each.file.picture, other.file.picture):
                found[each.pk].append(other)
    return dict(found)


def claims_with_same_picture(claim: Claim) -> list[int]:
    """Return the ids of other complaints of the scope that show a picture of this one."""
    found = same_pictures(of_claim(claim))
    return sorted({other.claim_id for others in found.values() for other in others})


def kept_until(evidence: Evidence) -> datetime | None:
    """Return until when a file is kept: three years after its complaint was closed (E-Commerce Law, article 31)."""
    closed = evidence.claim.closed_at or evidence.claim.decided_at
    return closed + timedelta(days=3 * 365 + 1) if closed else None


def file_of(actor: Actor, file_id: int) -> StoredFile | None:
    """Return the file of a piece of evidence that the actor may see."""
    piece = visible_to(actor).filter(file_id=file_id).first()
    return piece.file if piece else None
