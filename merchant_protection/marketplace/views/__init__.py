"""The pages about orders, listings, and what arrives from the platform."""
