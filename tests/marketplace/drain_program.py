"""A drain of actions alone, as a process that tests kill, freeze and thaw."""

import sys
import time

from merchant_protection.config import entry

entry.prepare()

import django  # noqa: E402  the settings are read only after the servers are known

django.setup()

from django.utils import timezone  # noqa: E402

from merchant_protection.marketplace import drains  # noqa: E402

sys.stdout.write("listening\n")
while True:
    try:
        if not drains.act(timezone.now):
            time.sleep(0.1)
    except Exception as error:
        sys.stdout.write(f"{error!r}\n")
        time.sleep(0.2)
