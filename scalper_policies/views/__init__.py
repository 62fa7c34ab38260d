"""The merchant's pages about scalper policies."""
