"""B3: an order decision against 10, 100 and 1,000 policies of the shop, three of which are about the order."""

import statistics

from benchmarks import measure, order_decisions
from benchmarks.web_server import PORTAL, Server

QUESTIONS = 300
TURNS = 5
SIZES = (10, 100, 1_000)


def run(*, large: bool) -> list[measure.Row]:
    """Measure the CPU of a question with few policies and with many, each size a shop of its own, in turns."""
    shops = {size: f"{order_decisions.SHOP}-{size}" for size in SIZES}
    headers = order_decisions.shop(policies=SIZES[0], code=shops[SIZES[0]])
    for size in SIZES[1:]:
        order_decisions.shop(policies=size, code=shops[size])
    server = Server(PORTAL)
    try:
        for code in shops.values():  # the first questions also load the program and read the policies
            order_decisions.cpu_each(server, headers, QUESTIONS // 3, code=code)
        took: dict[int, list[float]] = {size: [] for size in SIZES}
        for _turn in range(TURNS):
            for size, code in shops.items():
                took[size].append(order_decisions.cpu_each(server, headers, QUESTIONS, code=code) * 1000)
    finally:
        server.stop()
    few = took[SIZES[0]]
    return [
        measure.Row(
            "B3",
            f"{size:,} policies, CPU of a question",
            "ms",
            statistics.median(took[size]),
            statistics.median(few),
            statistics.median(many / one for many, one in zip(took[size], few, strict=True)),
            measure.at_most(1.2),
            TURNS,
            f"against {SIZES[0]} policies in turns; three are about the order",
        )
        for size in SIZES[1:]
    ]
