"""The published policies of a shop together: what holds for a listing, and what is only watched."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from pricing_guard.rules import ladder
from pricing_guard.rules.facts import Facts
from pricing_guard.rules.thresholds import Resolved, ScopedThresholds, resolve_all


@dataclass(frozen=True)
class Policy:
    """Every published policy of a shop, with what each does about a finding.

    What a policy says that only watches holds for nothing: neither do its numbers act through
    another's mode, nor does it keep a wider policy, or the platform's baseline, from acting.
    """

    scoped: tuple[ScopedThresholds, ...]
    responses: Mapping[int, ladder.Response] = field(default_factory=dict)
    _alike: dict[tuple[int, ...], Resolved] = field(default_factory=dict, init=False, repr=False, compare=False)

    @cached_property
    def acting(self) -> tuple[int, ...]:
        """The places of the policies that ask or act."""
        return self._in_mode(ladder.Mode.APPROVE, ladder.Mode.AUTO)

    @cached_property
    def only_watching(self) -> tuple[int, ...]:
        """The places of the policies in shadow."""
        return self._in_mode(ladder.Mode.SHADOW)

    def holding_for(self, facts: Facts) -> Resolved:
        """Return what holds for a listing; a floor of its own goes before every policy's."""
        return with_own_floor(self.holding(sku=facts.sku, category=facts.category), facts)

    def holding(self, *, sku: str, category: str) -> Resolved:
        """Return what the policies that ask or act say of a listing."""
        return self._resolved(self._covering(self.acting, sku, category))

    def watching(self, *, sku: str, category: str) -> list[tuple[ScopedThresholds, Resolved]]:
        """Return each policy in shadow that covers a listing, with what would hold if it acted beside the others."""
        watchers = self._covering(self.only_watching, sku, category)
        acting = self._covering(self.acting, sku, category) if watchers else ()
        return [(self.scoped[place], self._resolved((*acting, place))) for place in watchers]

    def _in_mode(self, *modes: ladder.Mode) -> tuple[int, ...]:
        return tuple(
            place
            for place, one in enumerate(self.scoped)
            if self.responses.get(one.policy_id, ladder.BASELINE_RESPONSE).mode in modes
        )

    def _covering(self, places: Iterable[int], sku: str, category: str) -> tuple[int, ...]:
        return tuple(place for place in places if self.scoped[place].scope.covers(sku=sku, category=category))

    def _resolved(self, places: tuple[int, ...]) -> Resolved:
        """It is the same for all listings that the same policies cover, so it is found once for them."""
        found = self._alike.get(places)
        if found is None:
            found = self._alike[places] = resolve_all([self.scoped[place] for place in places])
        return found

    def response(self, resolved: Resolved) -> ladder.Response:
        """Return the response of the most specific policy; with none, the platform's: alert only."""
        leading = resolved.leading
        return self.responses.get(leading.policy_id, ladder.BASELINE_RESPONSE) if leading else ladder.BASELINE_RESPONSE


def with_own_floor(resolved: Resolved, facts: Facts) -> Resolved:
    """Let a floor of the listing's own go before every policy's."""
    if facts.floor_price is None:
        return resolved
    return replace(resolved, thresholds=replace(resolved.thresholds, floor_price=facts.floor_price))
