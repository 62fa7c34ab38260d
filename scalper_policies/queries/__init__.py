"""Every read of the scalper policies, one module a noun."""
