"""The forms of the price guard, and the words they are made of."""
