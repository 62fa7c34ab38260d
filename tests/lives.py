"""Lives that are played in any order over the real services: how often, how long, and what they are allowed."""

from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test


def live(machine: Any, *, lives: int, steps: int, derandomize: bool = False) -> None:
    """Play so many lives of so many steps; one that fails is told as it was, since to shorten it takes minutes."""
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=lives,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=derandomize,
            phases=[Phase.generate],
        ),
    )
