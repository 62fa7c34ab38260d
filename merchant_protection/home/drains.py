"""Every loop of the drain; the house above all apps is the one place that may know them all."""

from merchant_protection.foundation.drain import Loop
from merchant_protection.marketplace import drains as marketplace
from merchant_protection.notices import drains as notices

DRAINS = (
    Loop("marketplace.decide", marketplace.decide),
    Loop("marketplace.act", marketplace.act),
    Loop("notices.send_mail", notices.send_mail),
)
