"""Who belongs to the shop."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from merchant_protection.accounts import policies, queries
from merchant_protection.accounts.forms import InviteForm, RoleForm
from merchant_protection.accounts.services import members
from merchant_protection.accounts.views.step_up import asks_again
from merchant_protection.foundation.htmx import attempt, refusals_told, status_of


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Show members, open invitations, and what each role may do."""
    return _page(request, InviteForm())


@require_POST
@asks_again(back="team")
def invite(request: HttpRequest) -> HttpResponse:
    """Ask a colleague into the shop."""
    actor, form = request.actor, InviteForm(request.POST)
    wishes = form.cleaned_data if form.is_valid() else {}
    sent = attempt(form, members.invite, actor=actor, merchant_id=actor.merchant_id, at=timezone.now(), **wishes)
    if sent:
        messages.success(request, _("Invitation to %(email)s is on its way.") % {"email": sent.email})
        return redirect("team")
    return _page(request, form)


@require_POST
@asks_again(back="team")
def revoke_invitation(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an invitation back."""
    members.revoke_invitation(actor=request.actor, invitation_id=pk, at=timezone.now())
    messages.success(request, _("Invitation withdrawn."))
    return redirect("team")


@require_POST
@asks_again(back="team")
def change_role(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a member another role."""
    form = RoleForm(request.POST)
    role = form.cleaned_data["role"] if form.is_valid() else ""
    with refusals_told(request):
        members.change_role(actor=request.actor, membership_id=pk, role=role, at=timezone.now())
        messages.success(request, _("Role changed."))
    return redirect("team")


@require_POST
@asks_again(back="team")
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """End a membership."""
    with refusals_told(request):
        members.remove(actor=request.actor, membership_id=pk, at=timezone.now())
        messages.success(request, _("Removed from the shop."))
    return redirect("team")


def _page(request: HttpRequest, form: InviteForm) -> HttpResponse:
    actor = request.actor
    context = {
        "form": form,
        "members": queries.team_of(actor, actor.merchant_id),
        "invitations": queries.invitations_visible_to(actor).filter(merchant_id=actor.merchant_id).order_by("-pk"),
        "manages": policies.can_manage_team(actor, actor.merchant_id),
        "roles": RoleForm().fields["role"].choices,
    }
    return render(request, "accounts/team.html", context, status=status_of(form))
