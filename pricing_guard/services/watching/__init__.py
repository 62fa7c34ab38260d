"""The live guard: each change that the marketplace tells is judged once, by the rules that a backtest uses."""

from pricing_guard.services.watching.looking import look

__all__ = ["look"]
