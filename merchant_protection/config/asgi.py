"""For servers that speak only ASGI; the WSGI program is the measured and recommended one."""

from django.core.asgi import get_asgi_application

from merchant_protection.config import entry
from merchant_protection.foundation import collecting

entry.prepare()
application = get_asgi_application()
collecting.as_usual()
