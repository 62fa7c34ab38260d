"""How entries are chained."""
