"""Every loop of the drain; the house above all apps is the one place that may know them all."""

from functools import partial

from merchant_protection.files import drains as files
from merchant_protection.foundation.drain import Loop
from merchant_protection.marketplace import drains as marketplace
from merchant_protection.marketplace.rules.gate import Gates
from merchant_protection.notices import drains as notices
from scalper_policies import drains as scalper_policies

# What a feature says when one of its automatic actions is about to leave: is it still wanted, is its version known?
GATES: Gates = {}

DRAINS = (
    Loop("marketplace.decide", marketplace.decide),
    Loop("marketplace.act", partial(marketplace.act, gates=GATES)),
    Loop("marketplace.reconcile", marketplace.reconcile),
    Loop("files.examine", files.examine),
    Loop("notices.send_mail", notices.send_mail),
    Loop("scalper_policies.watch_orders", scalper_policies.watch_orders),
)
