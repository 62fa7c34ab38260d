"""Incidents: how they open, what stops them, how people answer them."""
