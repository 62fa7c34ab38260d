"""For servers that speak only ASGI; the WSGI program is the measured and recommended one."""

from django.core.asgi import get_asgi_application

from merchant_protection.config import entry

entry.prepare()
application = get_asgi_application()
