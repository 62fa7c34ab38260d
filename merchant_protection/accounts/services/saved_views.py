"""Saving the filters of a list as a view, changing it, and taking it away again."""

from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from merchant_protection.accounts import policies, queries
from merchant_protection.accounts.actor import Actor
from merchant_protection.accounts.models import SavedView
from merchant_protection.accounts.rules import page_queries
from merchant_protection.audit import services as audit
from merchant_protection.foundation.errors import Conflict, Invalid, require
from merchant_protection.foundation.transactions import transaction

MOST = 20
LONGEST_NAME = 40
KEPT_FOR = timedelta(days=30)


@transaction
def keep(
    *, actor: Actor, merchant_id: int, path: str, name: str, query: str, at: datetime, is_shared: bool = False
) -> SavedView:
    """Keep a list's filters as a view of the person's own, or of everybody in the shop."""
    require(policies.can_keep_views(actor, merchant_id))
    require(not is_shared or policies.can_share_views(actor, merchant_id))
    queries.lock_user(actor.id or 0)
    mine = SavedView.objects.filter(merchant_id=merchant_id, user_id=actor.id)
    mine.filter(deleted_at__lt=at - KEPT_FOR).delete()
    here = mine.filter(path=path, deleted_at=None)
    name = _name(name, taken=here)
    if here.count() >= MOST:
        raise Conflict(_("There are %(most)d views here already. Delete one that is not used.") % {"most": MOST})
    view = SavedView.objects.create(
        merchant_id=merchant_id,
        user_id=actor.id,
        path=path,
        name=name,
        query=_filters(query),
        is_shared=is_shared,
        created_at=at,
        updated_at=at,
    )
    _record(view, "view.saved", actor=actor, at=at)
    return view


@transaction
def change(*, actor: Actor, view_id: int, query: str, at: datetime) -> SavedView:
    """Let a view mean the filters that are chosen now."""
    view = queries.lock_saved_view(actor, view_id)
    require(policies.can_change_view(actor, view))
    before = view.query
    view.query, view.updated_at = _filters(query), at
    view.save(update_fields=["query", "updated_at"])
    _record(view, "view.changed", actor=actor, at=at, before={"filters": before})
    return view


@transaction
def rename(*, actor: Actor, view_id: int, name: str, at: datetime) -> SavedView:
    """Give a view another name; whom it belongs to and what it shows stay as they are."""
    view = queries.lock_saved_view(actor, view_id)
    require(policies.can_change_view(actor, view))
    queries.lock_user(view.user_id)
    theirs = SavedView.objects.filter(merchant_id=view.merchant_id, user_id=view.user_id, path=view.path)
    before, view.name = view.name, _name(name, taken=theirs.filter(deleted_at=None).exclude(pk=view.pk))
    view.updated_at = at
    view.save(update_fields=["name", "updated_at"])
    _record(view, "view.renamed", actor=actor, at=at, before={"name": before})
    return view


@transaction
def remove(*, actor: Actor, view_id: int, at: datetime) -> SavedView:
    """Take a view away; it can be put back."""
    view = queries.lock_saved_view(actor, view_id)
    require(policies.can_change_view(actor, view))
    view.deleted_at = at
    view.save(update_fields=["deleted_at"])
    _record(view, "view.deleted", actor=actor, at=at)
    return view


@transaction
def restore(*, actor: Actor, view_id: int, at: datetime) -> SavedView:
    """Put a deleted view back, unless another has taken its name; safe to run twice."""
    view = queries.lock_saved_view(actor, view_id, deleted_too=True)
    require(policies.can_change_view(actor, view))
    if view.deleted_at is None:
        return view
    queries.lock_user(view.user_id)
    same = SavedView.objects.filter(merchant_id=view.merchant_id, path=view.path, user_id=view.user_id, name=view.name)
    if same.filter(deleted_at=None).exists():
        raise Conflict(_("Another view has this name now."))
    view.deleted_at = None
    view.save(update_fields=["deleted_at"])
    _record(view, "view.restored", actor=actor, at=at)
    return view


def _name(name: str, *, taken: QuerySet[SavedView]) -> str:
    """Return the name as it is kept, unless there is none, it is too long, or another view of the person has it."""
    name = name.replace("\x00", "").strip()
    if not name or len(name) > LONGEST_NAME:
        raise Invalid(
            fields={"name": [_("Give the view a name of at most %(most)d characters.") % {"most": LONGEST_NAME}]}
        )
    if taken.filter(name=name).exists():
        raise Invalid(fields={"name": [_("You have a view of this name here already.")]})
    return name


def _filters(query: str) -> str:
    filters = page_queries.canonical(query)
    if not filters:
        raise Invalid(_("Choose a filter first: a view without one would show the whole list."))
    if len(filters) > page_queries.LONGEST:
        raise Invalid(_("These filters are too long to be kept."))
    return filters


def _record(view: SavedView, action: str, *, actor: Actor, at: datetime, before: dict[str, str] | None = None) -> None:
    audit.record(
        actor=actor,
        action=action,
        at=at,
        merchant_id=view.merchant_id,
        subject_kind="view",
        subject_id=view.pk,
        before=before or {},
        after={"page": view.path, "name": view.name, "filters": view.query, "shared": view.is_shared},
    )
