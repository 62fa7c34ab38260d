"""The merchant's pages of the desk."""
