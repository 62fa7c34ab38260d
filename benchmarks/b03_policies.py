"""B3: an order decision against 10, 100 and 1,000 policies of the shop, three of which are about the order."""

from benchmarks import measure, order_decisions
from benchmarks.web_server import PORTAL, Server

QUESTIONS = 300
SIZES = (10, 100, 1_000)


def run(*, large: bool) -> list[measure.Row]:
    """Measure the CPU of a question with few policies and with many; flat is the goal."""
    few = order_decisions.shop(policies=SIZES[0])
    server = Server(PORTAL)
    try:
        costs = {SIZES[0]: order_decisions.cpu_each(server, few, QUESTIONS)}
        rows = []
        for size in SIZES[1:]:
            baseline = [order_decisions.cpu_each(server, few, QUESTIONS) for _turn in range(3)]
            headers = order_decisions.shop(policies=size)
            grown = [order_decisions.cpu_each(server, headers, QUESTIONS) for _turn in range(3)]
            ours, before = sorted(grown)[1] * 1000, sorted([*baseline, costs[SIZES[0]]])[1] * 1000
            costs.setdefault(SIZES[0], before / 1000)
            reference = costs[SIZES[0]] * 1000 if size == SIZES[-1] else before
            rows.append(
                measure.Row(
                    "B3",
                    f"{size:,} policies, CPU of a question",
                    "ms",
                    ours,
                    reference,
                    ours / reference,
                    measure.at_most(1.2),
                    3,
                    f"against {SIZES[0]} policies, three about the order",
                )
            )
        return rows
    finally:
        server.stop()
