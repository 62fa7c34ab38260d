"""The pages of the price guard."""
