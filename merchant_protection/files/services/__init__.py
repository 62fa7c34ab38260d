"""Every change of files."""
