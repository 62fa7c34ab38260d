"""Staff pages: people with their staff roles, invitations and keys."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from merchant_protection.accounts import queries
from merchant_protection.accounts.actor import Actor
from merchant_protection.accounts.models import ApiKey, Invitation, Membership, Merchant, StaffRole, User
from merchant_protection.accounts.services import users
from merchant_protection.foundation.staff_admin import OPERATIONS, REVIEWING, ReasonForm, StaffInline, StaffModelAdmin


class StaffRolesForm(ReasonForm):
    """Which staff roles a person holds from now on, and why."""

    roles = forms.MultipleChoiceField(
        label=gettext_lazy("Staff roles"),
        choices=StaffRole.choices,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )
    field_order = ("roles", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        person = queries.user(self.object_id)
        self.initial["roles"] = person.staff_roles if person else []


class MembershipInline(StaffInline):
    model = Membership
    fields = ("merchant", "role", "is_active", "created_at", "last_seen_at")
    ordering = ("pk",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        return super().get_queryset(request).select_related("merchant")


@admin.register(User)
class UserAdmin(StaffModelAdmin):
    """People who sign in; their staff roles change here, by name and with a reason."""

    list_display = ("email", "display_name", "staff_roles_shown", "is_active", "joined_at")
    list_filter = ("is_active",)
    search_fields = ("email", "display_name")
    fields = (
        "email",
        "display_name",
        "is_active",
        "staff_roles_shown",
        "language",
        "time_zone",
        "last_login",
        "joined_at",
    )
    inlines = (MembershipInline,)
    actions_detail = ("set_staff_roles",)

    def rows(self, actor: Actor) -> QuerySet[User]:
        return queries.users_visible_to(actor)

    @display(description=gettext_lazy("Staff roles"))
    def staff_roles_shown(self, user: User) -> str:
        return ", ".join(str(StaffRole(role).label) for role in user.staff_roles) or "–"

    @action(
        description=gettext_lazy("Set staff roles"),
        url_path="staff-roles",
        icon="badge",
        permissions=["act"],
        dialog={
            "title": gettext_lazy("Set staff roles"),
            "description": gettext_lazy("The person holds exactly these roles from now on. It is written down."),
            "form_class": StaffRolesForm,
            "form_submit_text": gettext_lazy("Set roles"),
        },
    )
    def set_staff_roles(self, request: HttpRequest, form: StaffRolesForm, object_id: int) -> HttpResponse:
        return self.carry_out(
            request,
            lambda: users.set_staff_roles(
                actor=request.actor,
                user_id=int(object_id),
                roles=form.cleaned_data["roles"],
                reason=form.cleaned_data["reason"],
                at=timezone.now(),
            ),
            done=_("The roles are set."),
            object_id=object_id,
        )


@admin.register(Invitation)
class InvitationAdmin(StaffModelAdmin):
    """Colleagues asked to join a shop; their links stay secret."""

    list_display = ("email", "merchant", "role", "invited_by", "created_at", "expires_at", "state")
    list_select_related = ("merchant", "invited_by")
    list_filter = ("role",)
    search_fields = ("email", "merchant__name", "merchant__code")
    fields = ("email", "merchant", "role", "invited_by", "created_at", "expires_at", "accepted_at", "revoked_at")

    def rows(self, actor: Actor) -> QuerySet[Invitation]:
        return queries.every_invitation_visible_to(actor)

    @display(description=gettext_lazy("Status"), label={"open": "info", "accepted": "success", "over": "default"})
    def state(self, invitation: Invitation) -> tuple[str, str]:
        if invitation.accepted_at:
            return "accepted", _("Accepted")
        if invitation.revoked_at or invitation.expires_at <= timezone.now():
            return "over", _("No longer valid")
        return "open", _("Open")


@admin.register(ApiKey)
class ApiKeyAdmin(StaffModelAdmin):
    """Keys of programs: what they open and when they were last used, never what they say."""

    list_display = (
        "name",
        "merchant",
        "prefix",
        "scopes_shown",
        "created_at",
        "expires_at",
        "last_used_at",
        "revoked_at",
    )
    list_select_related = ("merchant",)
    search_fields = ("name", "prefix", "merchant__name", "merchant__code")
    fields = (
        *("name", "merchant", "prefix", "scopes_shown", "created_by"),
        *("created_at", "expires_at", "last_used_at", "revoked_at"),
    )

    def rows(self, actor: Actor) -> QuerySet[ApiKey]:
        return queries.keys_visible_to(actor)

    @display(description=gettext_lazy("Scopes"))
    def scopes_shown(self, key: ApiKey) -> str:
        return ", ".join(key.scopes) or "–"


class TeamInline(StaffInline):
    model = Membership
    fields = ("user", "role", "is_active", "created_at", "last_seen_at")
    ordering = ("pk",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        return super().get_queryset(request).select_related("user")


class KeyInline(StaffInline):
    model = ApiKey
    fields = ("name", "prefix", "created_at", "expires_at", "last_used_at", "revoked_at")
    ordering = ("-pk",)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.actor.has_staff_role(OPERATIONS))


@admin.register(Merchant)
class MerchantAdmin(StaffModelAdmin):
    """Shops, with who belongs to each."""

    view_roles = REVIEWING
    list_display = ("name", "code", "category", "currency", "is_active", "created_at")
    list_filter = ("is_active", "currency")
    search_fields = ("name", "code")
    fields = (
        *("name", "code", "category", "currency", "time_zone", "language"),
        *("contact_email", "contact_phone", "is_active", "created_at"),
    )
    inlines = (TeamInline, KeyInline)
    change_form_after_template = "admin/merchant_after.html"

    def rows(self, actor: Actor) -> QuerySet[Merchant]:
        return queries.merchants_visible_to(actor)
