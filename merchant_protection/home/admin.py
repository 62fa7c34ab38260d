"""What the libraries bring to the staff admin and nobody here needs is taken out."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.auth.models import Group

NOT_FOR_STAFF = (EmailAddress, Authenticator, UserSession, Group)

for model in NOT_FOR_STAFF:
    if admin.site.is_registered(model):
        admin.site.unregister(model)
