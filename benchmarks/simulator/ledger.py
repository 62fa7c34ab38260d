"""What happened, counted exactly: actions with their effects, events with the portal's answers."""

from __future__ import annotations

import threading
from collections import Counter, deque
from typing import Any

from benchmarks.simulator.market import Event

ENTRIES_KEPT = 5_000


class Ledger:
    """Counts without end, and the latest entries."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.actions: Counter[str] = Counter()
        self.events: Counter[str] = Counter(retries=0)
        self.faults: Counter[str] = Counter()
        self.effects: Counter[str] = Counter()
        self.received: Counter[str] = Counter()
        self.questions: Counter[str] = Counter()
        self.action_log: deque[dict[str, Any]] = deque(maxlen=ENTRIES_KEPT)
        self.event_log: deque[dict[str, Any]] = deque(maxlen=ENTRIES_KEPT)
        self.story_log: deque[dict[str, Any]] = deque(maxlen=ENTRIES_KEPT)
        self.webhooks: Counter[str] = Counter()
        self.webhook_ids: Counter[str] = Counter()
        self.webhook_log: deque[dict[str, Any]] = deque(maxlen=ENTRIES_KEPT)
        self.trouble: deque[dict[str, Any]] = deque(maxlen=200)

    def arrived(self, key: str) -> int:
        """Note that a request with this key came, and return how often it has."""
        with self._lock:
            self.actions["received"] += 1
            self.received[key] += 1
            return self.received[key]

    def asked(self, question: str) -> int:
        """Note that a state was asked for, and return how often it has."""
        with self._lock:
            self.actions["state_asked"] += 1
            self.questions[question] += 1
            return self.questions[question]

    def fault(self, name: str) -> None:
        """Note a fault that was played."""
        with self._lock:
            self.faults[name] += 1

    def answered(self, key: str, outcome: str, *, status: int, action: dict[str, Any], effect: bool) -> None:
        """Note how a request was answered, and whether it had its effect."""
        with self._lock:
            self.actions[outcome] += 1
            if effect:
                self.actions["effects"] += 1
                self.effects[key] += 1
            line = {name: action.get(name) for name in ("merchant", "target", "aspect", "value", "verb", "generation")}
            self.action_log.append({"key": key, "outcome": outcome, "status": status, "effect": effect, **line})

    def posted(self, event: Event, answer: str) -> None:
        """Note the portal's answer to one event."""
        with self._lock:
            self.events["posted"] += 1
            self.events[answer] += 1
            self.event_log.append({"id": event.id, "type": event.type, "about": event.about, "answer": answer})

    def tried_again(self) -> None:
        """Note that a request with events was sent again, however many events are in it."""
        with self._lock:
            self.events["retries"] += 1

    def in_words(self) -> str:
        """How the portal took the events so far: “14623 posted, 14623 accepted”."""
        with self._lock:
            return ", ".join(f"{count} {answer}" for answer, count in self.events.items() if count)

    def heard(self, message_id: str, told: dict[str, Any]) -> None:
        """Note what the portal told a merchant's own system; the same message again is told apart."""
        with self._lock:
            self.webhooks["received"] += 1
            self.webhooks[str(told.get("type"))] += 1
            self.webhook_ids[message_id] += 1
            self.webhook_log.append({"id": message_id, **told})

    def failed(self, what: str, detail: Any) -> None:
        """Note what the portal refused, with its words."""
        with self._lock:
            self.trouble.append({"what": what, "detail": detail})

    def told(self, story: dict[str, Any]) -> None:
        """Note a story that began."""
        with self._lock:
            self.story_log.append(story)

    def summary(self) -> dict[str, Any]:
        """Return all counts; `duplicates` are requests beyond the first of their key."""
        with self._lock:
            return {
                "actions": {
                    **self.actions,
                    "keys": len(self.received),
                    "duplicates": sum(self.received.values()) - len(self.received),
                    "most_effects_of_one_key": max(self.effects.values(), default=0),
                },
                "events": dict(self.events),
                "webhooks": {**self.webhooks, "messages": len(self.webhook_ids)},
                "faults": dict(self.faults),
                "trouble": list(self.trouble)[-20:],
            }

    def full(self, *, limit: int) -> dict[str, Any]:
        """Return the counts, the effects by key and the latest entries."""
        found = self.summary()
        with self._lock:
            found["effects_by_key"] = dict(self.effects)
            found["requests_by_key"] = dict(self.received)
            logs = {"actions": self.action_log, "events": self.event_log, "stories": self.story_log}
            for name, log in (logs | {"webhooks": self.webhook_log}).items():
                found[f"latest_{name}"] = list(log)[-limit:] if limit > 0 else []
        return found

    def clear(self) -> None:
        """Begin to count anew."""
        with self._lock:
            for counter in (self.actions, self.events, self.faults, self.effects, self.received, self.questions):
                counter.clear()
            for counter in (self.webhooks, self.webhook_ids):
                counter.clear()
            for log in (self.action_log, self.event_log, self.story_log, self.trouble, self.webhook_log):
                log.clear()
