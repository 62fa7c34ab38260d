"""Every change to people, shops and keys, one module a noun."""
