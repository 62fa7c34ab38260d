"""The desk that takes actions: one effect per idempotency key, the newest generation wins.

The same key and body again gets the same answer and has no second effect; another body
under a used key is refused; an older generation of a target and aspect is superseded.
"""

from __future__ import annotations

import hashlib
import json
import threading
from dataclasses import dataclass
from typing import Any

from benchmarks.simulator import effects
from benchmarks.simulator.ledger import Ledger
from benchmarks.simulator.market import Market

Answer = tuple[int, dict[str, Any]]
FIELDS = {"action_id", "merchant", "target", "aspect", "value", "verb", "generation"}


@dataclass
class State:
    """What was last set for one target and aspect."""

    value: Any
    generation: int
    effects: int


@dataclass(frozen=True)
class Done:
    """The answer that a key was given, for the next time it comes."""

    digest: str
    answer: Answer


class Desk:
    """Takes actions under one lock with the market."""

    def __init__(self, market: Market, ledger: Ledger, lock: threading.RLock, *, accept_unknown: bool) -> None:
        self.market = market
        self.ledger = ledger
        self.lock = lock
        self.accept_unknown = accept_unknown
        self.states: dict[tuple[str, str, str, str], State] = {}
        self.keys: dict[str, Done] = {}

    def take(self, key: str, body: bytes) -> Answer:
        """Perform an action, or tell why not."""
        digest = hashlib.sha256(body).hexdigest()
        with self.lock:
            known = self.keys.get(key)
            if known is not None:
                return self._again(key, known, digest)
            action, fault = _parsed(body)
            if fault:
                self.ledger.answered(key, "rejected", status=400, action=action, effect=False)
                return 400, {"status": "invalid", "detail": fault}
            outcome, answer = self._perform(action)
            effect = outcome == "done"
            self.ledger.answered(key, outcome, status=answer[0], action=action, effect=effect)
            if outcome in ("done", "unchanged", "superseded"):
                self.keys[key] = Done(digest, answer)
            return answer

    def _again(self, key: str, known: Done, digest: str) -> Answer:
        if known.digest != digest:
            self.ledger.answered(key, "key_reused", status=422, action={}, effect=False)
            return 422, {"status": "key_reused", "detail": "This Idempotency-Key was used with another body."}
        self.ledger.answered(key, "replayed", status=known.answer[0], action={}, effect=False)
        return known.answer

    def _perform(self, action: dict[str, Any]) -> tuple[str, Answer]:
        merchant, kind, ref = action["merchant"], action["target"]["kind"], action["target"]["ref"]
        aspect = effects.ASPECTS[action["aspect"]]
        target = effects.find(self.market, merchant, kind, ref)
        if target is None and not self.accept_unknown:
            return "unknown_target", (404, {"status": "unknown", "detail": f"No {kind} {ref} in {merchant}."})
        place = (merchant, kind, ref, action["aspect"])
        state = self.states.get(place)
        value, generation = aspect.check(action["value"]), action["generation"]
        if state is not None and generation < state.generation:
            return "superseded", (409, {"status": "superseded", "generation": state.generation})
        if state is not None and generation == state.generation:
            if state.value == value:
                return "unchanged", (200, {"status": "done", "state": value})
            return "superseded", (409, {"status": "superseded", "generation": state.generation})
        if target is not None:
            aspect.put(self.market, merchant, target, value)
        self.states[place] = State(value, generation, (state.effects if state else 0) + 1)
        return "done", (200, {"status": "done", "state": value})

    def state_of(self, merchant: str, kind: str, ref: str, aspect_name: str) -> Answer:
        """Tell the present value, as the shopkeeper too may have changed it, and the last generation."""
        aspect = effects.ASPECTS.get(aspect_name)
        if aspect is None or kind not in aspect.kinds:
            return 400, {"status": "invalid", "detail": f"No aspect {aspect_name} of {kind}."}
        with self.lock:
            target = effects.find(self.market, merchant, kind, ref)
            state = self.states.get((merchant, kind, ref, aspect_name))
            if target is None and state is None:
                return 404, {"status": "unknown", "detail": f"No {kind} {ref} in {merchant}."}
            value = state.value if state else aspect.default
            if aspect.read is not None and target is not None:
                value = aspect.read(target)
            return 200, {"state": value, "generation": state.generation if state else 0}


def _parsed(body: bytes) -> tuple[dict[str, Any], str]:
    """Return the action and "", or what is wrong with it."""
    try:
        action = json.loads(body)
    except (ValueError, RecursionError):
        return {}, "The body is no JSON."
    if not isinstance(action, dict) or not action.keys() >= FIELDS:
        return {}, f"An action has {', '.join(sorted(FIELDS))}."
    target = action["target"]
    if not isinstance(target, dict) or not all(isinstance(target.get(name), str) for name in ("kind", "ref")):
        return action, "A target has kind and ref."
    aspect = effects.ASPECTS.get(str(action["aspect"]))
    if aspect is None or target["kind"] not in aspect.kinds:
        return action, f"No aspect {action['aspect']} of {target['kind']}."
    if isinstance(action["generation"], bool) or not isinstance(action["generation"], int):
        return action, "generation is a whole number."
    try:
        aspect.check(action["value"])
    except effects.Unfit as unfit:
        return action, f"value {unfit}."
    return action, ""
