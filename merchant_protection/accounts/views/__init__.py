"""The pages about people, shops and keys."""
