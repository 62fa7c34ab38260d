"""What home asks of other programs."""
