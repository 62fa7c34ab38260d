"""B3: an order decision against 10, 100 and 1,000 policies of the shop, three of which are about the order."""

import statistics

from benchmarks import measure, order_decisions
from benchmarks.web_server import PORTAL, Server

QUESTIONS = 300
TURNS = 3
SIZES = (10, 100, 1_000)


def run(*, large: bool) -> list[measure.Row]:
    """Measure the CPU of a question with few policies and with many; flat is the goal."""
    rows = []
    headers = order_decisions.shop(policies=SIZES[0])
    server = Server(PORTAL)
    try:
        order_decisions.cpu_each(server, headers, QUESTIONS)  # the first questions also load the program
        few = _cost(server, headers)
        for size in SIZES[1:]:
            many = _cost(server, order_decisions.shop(policies=size))
            rows.append(
                measure.Row(
                    "B3",
                    f"{size:,} policies, CPU of a question",
                    "ms",
                    many,
                    few,
                    many / few,
                    measure.at_most(1.2),
                    TURNS,
                    f"against {SIZES[0]} policies; three are about the order",
                )
            )
        return rows
    finally:
        server.stop()


def _cost(server: Server, headers: dict[str, str]) -> float:
    """The milliseconds of CPU of one question, the median of some turns."""
    return statistics.median(order_decisions.cpu_each(server, headers, QUESTIONS) for _turn in range(TURNS)) * 1000
