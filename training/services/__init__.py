"""Every change to courses, learning, sessions, certificates and assignments, one module a noun."""
