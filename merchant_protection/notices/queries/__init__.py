"""Every read of notices and their deliveries."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from merchant_protection.accounts.actor import Actor, Kind
from merchant_protection.accounts.models import Invitation, Membership, StaffRole, User
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import NotFound
from merchant_protection.notices.models import Delivery, Export, Notice, Preference, Reading


def visible_to(actor: Actor) -> QuerySet[Notice]:
    """Return the notices of the shops the actor belongs to, with whether the actor has read each.

    What was told to one person is shown to that person, and to operations, who see what every shop was told.
    """
    tenancy.require_scope()
    notices = Notice.objects.all()
    if not (actor.has_staff_role(StaffRole.OPERATIONS) or actor.is_system):
        mine = {*actor.merchant_roles, *([actor.merchant_id] if actor.merchant_id else [])}
        me = actor.id if actor.kind == Kind.USER else None
        notices = notices.filter(Q(only_to=None) | Q(only_to=me), merchant_id__in=mine)
    return notices.annotate(
        is_read=Exists(
            Reading.objects.filter(merchant_id=OuterRef("merchant_id"), notice_id=OuterRef("pk"), user_id=actor.id)
        )
    )


def unread(actor: Actor, merchant_id: int) -> QuerySet[Notice]:
    """Return what stands in a shop's inbox and the actor has not read."""
    return visible_to(actor).filter(merchant_id=merchant_id, archived_at=None, is_read=False)


def unread_count(actor: Actor, merchant_id: int) -> int:
    """Return how many notices the person has not read, counted up to a hundred."""
    return unread(actor, merchant_id)[:100].count()


def deliveries_visible_to(actor: Actor) -> QuerySet[Delivery]:
    """Return the deliveries for the actor's shops; staff and the system see all."""
    tenancy.require_scope()
    if actor.is_staff or actor.is_system:
        return Delivery.objects.all()
    return Delivery.objects.filter(merchant_id__in=list(actor.merchant_roles))


def people_to_mail(merchant_id: int, *, kind: str, urgency: str) -> list[User]:
    """Return the members who get notices of this kind by e-mail.

    Critical ones go to everybody; others to whom did not decline, quiet ones only to whom asked.
    """
    members = Membership.objects.filter(merchant_id=merchant_id, is_active=True, user__is_active=True)
    users = [member.user for member in members.select_related("user").order_by("pk")]
    if urgency == Notice.Urgency.CRITICAL:
        return users
    wishes = dict(Preference.objects.filter(merchant_id=merchant_id, kind=kind).values_list("user_id", "by_email"))
    return [user for user in users if wishes.get(user.pk, urgency == Notice.Urgency.NORMAL)]


def preferences_of(actor: Actor, merchant_id: int) -> dict[str, bool]:
    """Return kind → whether the actor wants it by e-mail, where the actor said so."""
    mine = Preference.objects.filter(merchant_id=merchant_id, user_id=actor.id)
    return dict(mine.values_list("kind", "by_email"))


def mail_due() -> QuerySet[Delivery]:
    """Return the mail that waits to be sent."""
    tenancy.require_scope()
    return Delivery.objects.filter(channel=Delivery.Channel.EMAIL, due_at__isnull=False)


def mail_with_notice(delivery_id: int) -> Delivery:
    """Return a delivery with what its words need."""
    return Delivery.objects.select_related("notice__merchant").get(pk=delivery_id)


def invitations_to_mail(now: datetime) -> QuerySet[Invitation]:
    """Return the invitations whose mail has not been queued yet."""
    tenancy.require_scope()
    return Invitation.objects.filter(mail_due_at__lte=now)


def lock_invitation(invitation_id: int) -> Invitation:
    """Return the invitation, locked, with the shop and who invites."""
    rows = Invitation.objects.select_related("merchant", "invited_by").select_for_update(of=("self",))
    return rows.get(pk=invitation_id)


def user_by_email(email: str) -> User | None:
    """Return the person with this address, whose language the mail should speak."""
    return User.objects.filter(email__iexact=email).first()


def exports_visible_to(actor: Actor) -> QuerySet[Export]:
    """Return the exports of the actor's shops; staff and the system see all."""
    tenancy.require_scope()
    if actor.is_staff or actor.is_system:
        return Export.objects.all()
    return Export.objects.filter(merchant_id__in=list(actor.merchant_roles))


def exports_of_shop(actor: Actor, merchant_id: int) -> QuerySet[Export]:
    """Return a shop's exports with who asked for them, newest first."""
    return exports_visible_to(actor).filter(merchant_id=merchant_id).select_related("user").order_by("-pk")


def unfinished_exports(actor: Actor, merchant_id: int) -> QuerySet[Export]:
    """Return what a person asked for in a shop and is not written yet."""
    return exports_visible_to(actor).filter(merchant_id=merchant_id, user_id=actor.id, status__in=Export.OPEN)


def exports_due() -> QuerySet[Export]:
    """Return the exports that wait to be written or thrown away."""
    tenancy.require_scope()
    return Export.objects.filter(due_at__isnull=False)


def lock_export(actor: Actor, export_id: int) -> Export:
    """Return an export of the actor's shops, locked; a stranger's is not found."""
    job = exports_visible_to(actor).filter(pk=export_id).select_for_update(of=("self",)).first()
    if job is None:
        raise NotFound
    return job
