"""Is what a merchant typed a policy? Every fault with its field; nothing is half taken."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from pricing_guard.rules import amounts, money, words
from pricing_guard.rules.findings import Reason
from pricing_guard.rules.thresholds import COUNT, MONEY, PERCENT, RATIO, SWITCH, Thresholds

LARGEST = Decimal("999999999.99")
MOST_PERCENT = Decimal(100)
MOST_RISE = Decimal(100_000)
MOST_COUNT = 10_000_000
MAY_BE_ZERO = frozenset({"minimum_margin", "smallest_slip", "below_reference"})
YES = frozenset({"true", "1", "on", "yes"})
NO = frozenset({"false", "0", "off", "no"})


@dataclass(frozen=True)
class FieldError:
    """What is wrong with one field, as a reason."""

    field: str
    reason: Reason

    def told(self, translate: words.Translate = words.as_written) -> str:
        """Return the fault as a sentence."""
        return words.tell(self.reason, translate)


@dataclass(frozen=True)
class Read:
    """Thresholds as typed, or every fault in them."""

    thresholds: Thresholds | None
    errors: tuple[FieldError, ...] = ()


def read(typed: Mapping[str, object], *, currency: str) -> Read:
    """Read thresholds as typed in a form, a CSV line or JSON; blank stays blank. `currency` is the shop's."""
    values: dict[str, object] = {}
    errors: list[FieldError] = []
    for name, raw in typed.items():
        if raw is None or (isinstance(raw, str) and not raw.strip()):
            continue
        try:
            values[name] = _value(name, raw, currency)
        except _Refused as refused:
            errors.append(FieldError(name, refused.reason))
    thresholds = replace(Thresholds(), **values)  # type: ignore[arg-type]
    if thresholds.currency is None and any(getattr(thresholds, name) is not None for name in MONEY):
        thresholds = replace(thresholds, currency=currency)
    errors += faults(thresholds, currency=currency)
    return Read(None if errors else thresholds, tuple(errors))


def faults(thresholds: Thresholds, *, currency: str) -> Iterator[FieldError]:
    """Return what contradicts itself or cannot hold in a set of thresholds."""
    if thresholds.currency is not None and thresholds.currency != currency:
        params = {"currency": thresholds.currency, "usual": currency}
        yield FieldError("currency", Reason("CURRENCY_DIFFERS", params))
    if thresholds.currency is None and any(getattr(thresholds, name) is not None for name in MONEY):
        yield FieldError("currency", Reason("CURRENCY_NEEDED"))
    for name in (*MONEY, *PERCENT, *COUNT, *RATIO):
        value = getattr(thresholds, name)
        reason = _size_fault(name, Decimal(value), currency) if value is not None else None
        if reason:
            yield FieldError(name, reason)
    yield from _contradictions(thresholds, currency)


def _size_fault(name: str, value: Decimal, currency: str) -> Reason | None:
    if value < 0:
        return Reason("NEGATIVE")
    if value == 0 and name not in MAY_BE_ZERO:
        return Reason("MUST_BE_ABOVE_ZERO")
    most = _most(name)
    if value > most or (name == "minimum_margin" and value == most):
        return Reason("TOO_LARGE", {"most": str(most)})
    if name in RATIO and value <= 1:
        return Reason("MUST_BE_ABOVE_ONE")
    if name in MONEY and value != money.rounded(value, currency):
        return Reason("TOO_MANY_DECIMALS", {"currency": currency, "places": str(money.places(currency))})
    return None


def _most(name: str) -> Decimal:
    if name in MONEY:
        return LARGEST
    if name in COUNT:
        return Decimal(MOST_COUNT)
    return MOST_RISE if name.startswith("max_rise") or name in RATIO else MOST_PERCENT


def _contradictions(thresholds: Thresholds, currency: str) -> Iterator[FieldError]:
    ceiling = thresholds.ceiling_price
    if ceiling is None:
        return
    told = {"ceiling": str(ceiling), "currency": currency}
    floor, cost, margin = thresholds.floor_price, thresholds.cost, thresholds.minimum_margin
    if floor is not None and floor > ceiling:
        yield FieldError("floor_price", Reason("FLOOR_ABOVE_CEILING", told | {"floor": str(floor)}))
    if cost is not None and cost > ceiling:
        yield FieldError("cost", Reason("COST_ABOVE_CEILING", told))
    elif cost is not None and margin is not None and 0 <= margin < MOST_PERCENT:
        lowest = money.lowest_with_margin(cost, margin)
        if lowest > ceiling:
            limit = str(money.rounded_up(lowest, currency))
            yield FieldError("minimum_margin", Reason("MARGIN_ABOVE_CEILING", told | {"limit": limit}))


class _Refused(Exception):
    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.code)
        self.reason = reason


def _value(name: str, raw: object, currency: str) -> object:
    text = str(raw).strip()
    if name == "currency":
        return text.upper()
    if name in SWITCH:
        return _switch(text.lower())
    if name not in (*MONEY, *PERCENT, *COUNT, *RATIO):
        raise _Refused(Reason("UNKNOWN_FIELD"))
    number = amounts.read(raw, currency=currency if name in MONEY else "")
    if isinstance(number, Reason):
        raise _Refused(number)
    if abs(number) > LARGEST:
        raise _Refused(Reason("TOO_LARGE", {"most": str(_most(name))}))
    if name not in COUNT:
        return number
    if number != number.to_integral_value():
        raise _Refused(Reason("WHOLE_NUMBER"))
    return int(number)


def _switch(text: str) -> bool:
    if text in YES:
        return True
    if text in NO:
        return False
    raise _Refused(Reason("NOT_YES_OR_NO"))
