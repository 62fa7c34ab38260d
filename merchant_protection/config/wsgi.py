"""The web program: `granian --interface wsgi merchant_protection.config.wsgi:application`."""

import sys
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from merchant_protection.config import entry
from merchant_protection.foundation import checks, collecting, warming

# Seconds a thread may keep the interpreter while others want it: what a program posts waits for a page's thread at each
# of its steps, and Python's own five milliseconds add up.
ONE_TURN = 0.001

entry.prepare()
application = get_wsgi_application()
checks.refuse_unsafe()
import_module(settings.ROOT_URLCONF)  # or the first visitor waits for it
warming.warm()
collecting.as_usual()
sys.setswitchinterval(ONE_TURN)
