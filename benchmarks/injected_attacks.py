"""`python -m benchmarks.injected_attacks FILE`: attacks injected into real orders, and how many of them are found.

The orders are real; what is not in the file is not: devices, telephones, means of payment and addresses are made
up, one set for each real customer. The attacks are made up altogether. So precision says how many real orders
a policy stops by mistake, and recall how many injected ones it stops.
"""

import random
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from merchant_protection.marketplace.management import tables
from merchant_protection.marketplace.outside.order_files import OrderFile
from merchant_protection.marketplace.rules import addresses, order_rows
from scalper_policies.rules import backtest, clusters
from scalper_policies.rules.orders import Label, OrderFacts, OrderLine
from scalper_policies.rules.policy import Band, ClusterRule, Dimension, Limit, Policy, Scope, Verdict
from scalper_policies.rules.windows import Reading

DAY = timedelta(days=1)
SECRET = b"injected"
LIMIT = 50
ROOMS = ("{n}室", "{n}号", "A{n}", "{n}", "东{n}单元", "#{n}", "{n}房")
HEADS = ("", "某某公司", "快递放门口", "XYZ", "1")


@dataclass(frozen=True)
class Attack:
    """One kind of attack, and the orders it is made of."""

    name: str
    orders: list[OrderFacts]


def main(path: Path) -> None:
    """Print one line for each attack, alone among the real orders, and one for all together."""
    real = list(_real(path))
    hot = Counter(line.sku for order in real for line in order.lines).most_common(1)[0][0]
    real = [_narrowed(order, hot) for order in real if any(line.sku == hot for line in order.lines)]
    attacks = [_split(hot, real), _ring(hot, real), _rotated(hot, real), _patient(hot, real)]
    print(f"{len(real):,} real orders of {hot}; limit {LIMIT} units in 24 hours")
    print(
        f"{'attack':<34}{'orders':>8}{'stopped':>9}{'checked':>9}{'precision':>11}{'recall':>9}{'recall + checks':>17}"
    )
    everything = Attack("all together", [order for attack in attacks for order in attack.orders])
    for attack in [*attacks, everything]:
        _tell(attack, real, hot)


def policy(hot: str) -> Policy:
    """What a shop would set up: fifty units a day, whoever they say they are; accounts tied together are held."""
    dimensions = (Dimension.ACCOUNT, Dimension.PHONE, Dimension.DEVICE, Dimension.PAYMENT)
    limits = [Limit(each.value, each, LIMIT, DAY, score=50) for each in dimensions]
    limits.append(Limit("ADDRESS_CLUSTER", Dimension.ADDRESS_CLUSTER, 2 * LIMIT, DAY, score=50))
    return Policy(
        scope=Scope(skus=frozenset({hot})),
        limits=tuple(limits),
        clusters=(ClusterRule("cluster", score=50),),
        bands=(Band(1, Verdict.VERIFY), Band(40, Verdict.REJECT)),
    )


def _tell(attack: Attack, real: list[OrderFacts], hot: str) -> None:
    stream = sorted([*_within(real, attack.orders), *attack.orders], key=lambda order: order.placed_at)
    seen: Counter[tuple[Label, str]] = Counter()
    for judged in backtest.replay(policy(hot), _tied(stream), Reading.ENFORCED):
        verdict = judged.decision.verdict
        kind = "stopped" if verdict in backtest.STOPPED else "checked" if verdict is Verdict.VERIFY else "passed"
        seen[judged.order.label, kind] += 1
    stopped, checked = seen[Label.SCALPER, "stopped"], seen[Label.SCALPER, "checked"]
    wrong, whole = seen[Label.ORDINARY, "stopped"], len(attack.orders)
    precision = stopped / (stopped + wrong) if stopped + wrong else float("nan")
    print(
        f"{attack.name:<34}{whole:>8}{stopped:>9}{checked:>9}{precision:>11.3f}{stopped / whole:>9.3f}"
        f"{(stopped + checked) / whole:>17.3f}"
    )


def _tied(stream: Iterable[OrderFacts]) -> Iterator[OrderFacts]:
    """Give each order what was known by then: the cluster that earlier orders tied its account into."""
    traces: list[clusters.Trace] = []
    known: dict[str, tuple[str, frozenset[str]]] = {}
    for index, order in enumerate(stream):
        traces += [clusters.Trace(order.account, dimension, key) for dimension, key in order.keys.items()]
        if index % 20 == 0:
            found = clusters.build(traces[-4_000:])
            known = {
                account: (cluster.accounts[0], frozenset(signals))
                for cluster in found
                for account, signals in cluster.by_account.items()
            }
        tied = known.get(order.account)
        if tied:
            order = replace(order, keys={**order.keys, Dimension.CLUSTER: tied[0]}, cluster_signals=tied[1])
        yield order


def _within(real: list[OrderFacts], attack: list[OrderFacts]) -> list[OrderFacts]:
    """The real orders of the attack's days and the ten around them."""
    first, last = min(order.placed_at for order in attack), max(order.placed_at for order in attack)
    return [order for order in real if first - 10 * DAY <= order.placed_at <= last + 10 * DAY]


def _split(hot: str, real: list[OrderFacts]) -> Attack:
    """Ten accounts buy four times twenty within hours: each order is under the limit, together they are over."""
    rng = random.Random(1)
    orders = [
        _order(hot, f"split-{account}", at, 20, phone=f"s{account}", device=f"s{account}", payment=f"s{account}")
        for account in range(10)
        for at in [_somewhere(rng, real) + timedelta(minutes=40 * part) for part in range(4)]
    ]
    return Attack("split orders (20 of 40 pass)", _spread(orders))


def _spread(orders: list[OrderFacts]) -> list[OrderFacts]:
    """Orders of one account follow each other from the first one's moment on."""
    first: dict[str, datetime] = {}
    places: dict[str, int] = defaultdict(int)
    found = []
    for order in orders:
        start = first.setdefault(order.account, order.placed_at)
        found.append(replace(order, placed_at=start + timedelta(minutes=40 * places[order.account])))
        places[order.account] += 1
    return found


def _ring(hot: str, real: list[OrderFacts]) -> Attack:
    """Thirty accounts behind one address in many spellings; six means of payment, each with a device of its own."""
    rng = random.Random(2)
    at = _somewhere(rng, real)
    orders = []
    for account in range(30):
        room = rng.choice(ROOMS).format(n=rng.randint(101, 999))
        city, house = rng.choice(("上海市", "上海")), rng.choice(("１００", "100"))
        address = f"{rng.choice(HEADS)}{city}浦东新区世纪大道{house}号{room}"
        moment = at + timedelta(minutes=7 * account)
        orders.append(
            _order(hot, f"ring-{account}", moment, 40, phone=f"r{account}", device=f"r{account}",
                   payment=f"r{account % 6}", address=address)
        )  # fmt: skip
    return Attack("ring, jigged addresses", orders)


def _rotated(hot: str, real: list[OrderFacts]) -> Attack:
    """Forty fresh accounts on three devices, each with its own telephone, address and card."""
    rng = random.Random(3)
    at = _somewhere(rng, real)
    orders = [
        _order(hot, f"rotated-{account}", at + timedelta(minutes=3 * account), 30, phone=f"t{account}",
               device=f"t{account % 3}", payment=f"t{account}")
        for account in range(40)
    ]  # fmt: skip
    return Attack("rotated accounts, three devices", orders)


def _patient(hot: str, real: list[OrderFacts]) -> Attack:
    """Twenty accounts that share nothing and keep under every limit: what no limit can find."""
    rng = random.Random(4)
    orders = [
        _order(hot, f"patient-{account}", _somewhere(rng, real), 45, phone=f"p{account}", device=f"p{account}",
               payment=f"p{account}")
        for account in range(20)
    ]  # fmt: skip
    return Attack("patient strangers (cannot be found)", orders)


def _order(
    hot: str, account: str, at: datetime, units: int, *, phone: str, device: str, payment: str, address: str = ""
) -> OrderFacts:
    keys = {
        Dimension.ACCOUNT: account,
        Dimension.PHONE: phone,
        Dimension.DEVICE: device,
        Dimension.PAYMENT: payment,
        Dimension.ADDRESS_CLUSTER: addresses.address_keys(address or f"杭州市西湖区文三路{account}号", SECRET).fuzzy,
    }
    return OrderFacts(f"{account}-{at:%H%M%S}", at, (OrderLine(hot, units),), keys, label=Label.SCALPER)


def _somewhere(rng: random.Random, real: list[OrderFacts]) -> datetime:
    return rng.choice(real[len(real) // 4 : -len(real) // 4]).placed_at


def _real(path: Path) -> Iterator[OrderFacts]:
    """The orders of the file that have a customer; devices and the like are made up, one set a customer."""
    file = OrderFile(path)
    header = tables.header(file)
    mapping = order_rows.guess_mapping(header)
    reader = order_rows.RowReader(
        {name: header.index(column) for name, column in mapping.items()}, "UTC", product_code=order_rows.PRODUCT_CODE
    )
    lines: dict[str, list[order_rows.Line]] = defaultdict(list)
    for number, cells in tables.rows(file):
        line = reader.read(number, cells)
        if not isinstance(line, list) and not {"RETURN", "NO_BUYER", "ZERO_PRICE", "NOT_A_PRODUCT"} & set(line.flags):
            lines[line.number].append(line)
    for number, mine in lines.items():
        buyer = mine[0].buyer
        keys = {
            Dimension.ACCOUNT: buyer,
            Dimension.PHONE: f"own-{buyer}",
            Dimension.DEVICE: f"own-{buyer}",
            Dimension.PAYMENT: f"own-{buyer}",
            Dimension.ADDRESS_CLUSTER: f"own-{buyer}",
        }
        at = mine[0].at if mine[0].at.tzinfo else mine[0].at.replace(tzinfo=UTC)
        yield OrderFacts(
            number, at, tuple(OrderLine(line.sku, line.quantity) for line in mine), keys, label=Label.ORDINARY
        )


def _narrowed(order: OrderFacts, hot: str) -> OrderFacts:
    return replace(order, lines=tuple(line for line in order.lines if line.sku == hot))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
