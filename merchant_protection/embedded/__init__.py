"""PostgreSQL and Redis from wheels, for a machine on which nobody has set up either."""
