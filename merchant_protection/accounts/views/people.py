"""A person's own account, and joining a shop by invitation."""

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from merchant_protection.accounts import loading, queries
from merchant_protection.accounts.forms import AccountForm, JoinForm
from merchant_protection.accounts.models import Invitation
from merchant_protection.accounts.services import members, users
from merchant_protection.foundation import crypto, tenancy
from merchant_protection.foundation.htmx import attempt, status_of

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@login_required
@require_http_methods(["GET", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """Show and change how the portal looks and speaks to the person."""
    form = AccountForm(request.POST or None, instance=queries.user(request.actor.id))
    if request.method == "POST" and form.is_valid():
        with tenancy.platform():  # a person's own record belongs to no shop
            saved = attempt(form, users.update_preferences, actor=request.actor, at=timezone.now(), **form.cleaned_data)
        if saved:
            messages.success(request, _("Saved."))
            response = redirect("account")
            response.set_cookie("django_language", saved.language, max_age=31_536_000, samesite="Lax")
            response.set_cookie("theme", saved.theme, max_age=31_536_000, samesite="Lax")
            return response
    return render(request, "accounts/account.html", {"form": form}, status=status_of(form))


@require_http_methods(["GET", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Join a shop by the link of an invitation."""
    invitation = queries.invitation_by_token(crypto.digest(token))
    now = timezone.now()
    if invitation is None or invitation.accepted_at or invitation.revoked_at or invitation.expires_at <= now:
        return render(request, "accounts/invitation_over.html", status=410)
    if request.user.is_authenticated:
        return _join_as_member(request, token, invitation)
    if queries.user_by_email(invitation.email):
        return redirect(f"{reverse('account_login')}?next={request.path}")
    return _join_as_newcomer(request, token, invitation)


def _join_as_member(request: HttpRequest, token: str, invitation: Invitation) -> HttpResponse:
    fits = request.user.email.lower() == invitation.email.lower()
    if request.method == "POST" and fits:
        membership = members.accept_as_member(actor=request.actor, token=token, at=timezone.now())
        request.session[loading.CHOSEN_MERCHANT] = membership.merchant_id
        return redirect("overview")
    return render(request, "accounts/join.html", {"invitation": invitation, "fits": fits})


def _join_as_newcomer(request: HttpRequest, token: str, invitation: Invitation) -> HttpResponse:
    form = JoinForm(request.POST or None, initial={"language": translation.get_language()})
    if request.method == "POST" and form.is_valid() and _is_good_password(form):
        user = attempt(
            form, members.accept_as_newcomer, actor=request.actor, token=token, at=timezone.now(), **form.cleaned_data
        )
        if user:
            login(request, user, backend=BACKEND)
            request.session[loading.CHOSEN_MERCHANT] = invitation.merchant_id
            return redirect("overview")
    context = {"invitation": invitation, "form": form, "fits": True}
    return render(request, "accounts/join.html", context, status=status_of(form))


def _is_good_password(form: JoinForm) -> bool:
    try:
        validate_password(form.cleaned_data["password"])
    except ValidationError as error:
        form.add_error("password", error)
        return False
    return True
