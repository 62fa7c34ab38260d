from django.urls import path
from django.views.generic import RedirectView

from merchant_protection.accounts.views import activity, keys, people, saved_views, shops, team

urlpatterns = [
    path("shops/", shops.switch, name="switch_shop"),
    path("invitations/<str:token>/", people.join, name="invitation"),
    path("me/", people.account, name="account"),
    # The sign-in library's own page would let somebody add an address that no invitation proved, and by being opened
    # writes down the present one as unproved: a second factor is then refused.
    path("accounts/email/", RedirectView.as_view(pattern_name="account"), name="account_email"),
    path("m/settings/", shops.settings, name="settings"),
    path("m/team/", team.index, name="team"),
    path("m/team/invite/", team.invite, name="team_invite"),
    path("m/team/invitations/<int:pk>/revoke/", team.revoke_invitation, name="team_revoke_invitation"),
    path("m/team/<int:pk>/role/", team.change_role, name="team_change_role"),
    path("m/team/<int:pk>/remove/", team.remove, name="team_remove"),
    path("m/keys/", keys.index, name="keys"),
    path("m/keys/new/", keys.create, name="key_new"),
    path("m/keys/<int:pk>/revoke/", keys.revoke, name="key_revoke"),
    path("m/views/", saved_views.save, name="saved_views"),
    path("m/views/<int:pk>/update/", saved_views.update, name="saved_view_update"),
    path("m/views/<int:pk>/rename/", saved_views.rename, name="saved_view_rename"),
    path("m/views/<int:pk>/delete/", saved_views.delete, name="saved_view_delete"),
    path("m/views/<int:pk>/restore/", saved_views.restore, name="saved_view_restore"),
    path("m/activity/", activity.index, name="activity"),
]
