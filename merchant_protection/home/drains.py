"""Every loop of the drain; the house above all apps is the one place that may know them all."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from claims import drains as claims
from merchant_protection.files import drains as files
from merchant_protection.foundation.drain import Loop
from merchant_protection.home.services import answers
from merchant_protection.marketplace import drains as marketplace
from merchant_protection.marketplace.rules.gate import Gates
from merchant_protection.notices import drains as notices
from pricing_guard import drains as pricing_guard
from pricing_guard.services import gating as pricing_guard_gate
from scalper_policies import drains as scalper_policies

# What a feature says when one of its automatic actions is about to leave: is it still wanted, is its version known?
GATES: Gates = {"pricing_guard": pricing_guard_gate.still_wanted}


def answer_warnings(now: Callable[[], datetime]) -> int:
    """Take answers to many warnings a step further; return how many were taken up."""
    return answers.work_off(now=now())


DRAINS = (
    Loop("marketplace.decide", marketplace.decide),
    Loop("marketplace.act", partial(marketplace.act, gates=GATES)),
    Loop("marketplace.reconcile", marketplace.reconcile),
    Loop("files.examine", files.examine),
    Loop("pricing_guard.judge", pricing_guard.judge),
    Loop("notices.send_mail", notices.send_mail),
    Loop("notices.send_webhooks", notices.send_webhooks),
    Loop("claims.carry_out_remedies", claims.carry_out_remedies),
    Loop("claims.recognise", claims.recognise),
    Loop("claims.file_batches", claims.file_batches),
    Loop("scalper_policies.watch_orders", scalper_policies.watch_orders),
    Loop("home.answer_warnings", answer_warnings),
    Loop("scalper_policies.follow_orders", scalper_policies.follow_orders),
    Loop("scalper_policies.run_backtests", scalper_policies.run_backtests),
)
