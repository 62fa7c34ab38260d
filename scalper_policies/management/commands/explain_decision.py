"""`manage.py explain_decision SHOP ORDER`: a stored answer, and the same answer worked out again."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import tenancy
from scalper_policies import wording
from scalper_policies.queries import decisions as queries
from scalper_policies.services import explaining


class Command(BaseCommand):
    """Tell why an order was answered so, and show that the stored facts still give that answer."""

    help = "Explain a stored answer. Example: manage.py explain_decision QH-0001 QH26112412345"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("shop", help="the shop's code")
        parser.add_argument("order", help="the order number")

    def handle(self, *args: Any, **options: Any) -> None:
        with tenancy.platform():
            found = queries.visible_to(Actor.clock("explain_decision"))
            decision = found.filter(merchant__code=options["shop"], number=options["order"]).first()
            if decision is None:
                raise CommandError("There is no answer about such an order.")
            again = explaining.again(decision)
            whole = explaining.verdict(decision, again)
        self.stdout.write(f"{decision.number}: {decision.verdict}, score {decision.score}, {decision.decided_at}")
        for reason in decision.reasons:
            self.stdout.write(f"  {wording.reason(reason)}. {wording.remedy(reason)}")
        for each in again:
            told = "the same" if each.is_same else f"then {each.then}"
            self.stdout.write(f"  policy {each.policy} version {each.version}: {each.now} ({told})")
        if whole != decision.verdict or not all(each.is_same for each in again):
            raise CommandError("The stored facts give another answer now.")
