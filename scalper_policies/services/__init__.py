"""Every change the scalper policies make, one module a noun."""
