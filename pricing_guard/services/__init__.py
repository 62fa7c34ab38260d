"""Every change of the price guard: what people decide, what events and the clock bring about."""
