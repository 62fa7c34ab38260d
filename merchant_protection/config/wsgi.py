"""The web program: `granian --interface wsgi merchant_protection.config.wsgi:application`."""

from django.core.wsgi import get_wsgi_application

from merchant_protection.config import entry
from merchant_protection.foundation import checks

entry.prepare()
application = get_wsgi_application()
checks.refuse_unsafe()
