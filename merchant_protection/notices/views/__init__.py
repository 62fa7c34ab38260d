"""The inbox, and files to take away."""
