"""The web program: `granian --interface wsgi merchant_protection.config.wsgi:application`."""

from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from merchant_protection.config import entry
from merchant_protection.foundation import checks, collecting

entry.prepare()
application = get_wsgi_application()
checks.refuse_unsafe()
import_module(settings.ROOT_URLCONF)  # or the first visitor waits for it
collecting.as_usual()
