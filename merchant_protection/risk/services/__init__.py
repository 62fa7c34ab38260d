"""Every change to warnings, clusters and outcomes, one module a noun."""
