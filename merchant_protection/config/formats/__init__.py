"""How Django writes dates where a page does not say it itself."""
