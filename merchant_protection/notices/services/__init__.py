"""What people must be told: promised with the change itself, carried outside afterwards."""
