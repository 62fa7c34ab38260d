"""Forms of the pages that span features, one module a noun."""
