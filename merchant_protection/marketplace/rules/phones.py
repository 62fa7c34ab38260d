"""Write a phone number in one way, however a buyer typed it."""

import re
import unicodedata

from merchant_protection.marketplace.rules import keyed

LONGEST_PHONE = 64
MAINLAND_MOBILE = re.compile(r"1[3-9]\d{9}")
# A relay number is shared by many buyers; only its extension says who it is.
EXTENSION = re.compile(r"(?:转|轉|ext\.?|extension|x|#|,|分机)\s*(\d{1,6})\s*$")
RELAY_DASH = re.compile(r"(1[3-9]\d{9})-(\d{1,6})\s*$")
NOT_DIGITS = re.compile(r"[^0-9]+")


def normalise_phone(text: str) -> str:
    """Return the number as `+8613800138000`, with `x12` for an extension; empty when there is no number in it."""
    plain = unicodedata.normalize("NFKC", text[:LONGEST_PHONE]).casefold().strip()
    plain = plain.replace("—", "-").replace("–", "-")
    extension = ""
    if found := RELAY_DASH.search(plain) or None:
        plain, extension = found.group(1), found.group(2)
    elif (found := EXTENSION.search(plain)) and found.start() > 0:
        plain, extension = plain[: found.start()], found.group(1)
    international = plain.lstrip(" (").startswith("+")
    digits = NOT_DIGITS.sub("", _ascii_digits(plain.replace("(0)", "")))
    if not digits:
        return ""
    number = _with_country(digits, international=international)
    return f"{number}x{extension}" if extension else number


def phone_key(text: str, secret: bytes) -> str:
    """Return the key under which this phone number may be matched with others."""
    return keyed.keyed(secret, "phone", normalise_phone(text))


def _ascii_digits(text: str) -> str:
    return "".join(str(unicodedata.digit(letter)) if letter.isdigit() else letter for letter in text)


def _with_country(digits: str, *, international: bool) -> str:
    if digits.startswith("00") and not international:
        digits, international = digits[2:], True
    local = digits.removeprefix("86")
    if MAINLAND_MOBILE.fullmatch(local):
        return f"+86{local}"
    if MAINLAND_MOBILE.fullmatch(local.removeprefix("0")):
        return f"+86{local.removeprefix('0')}"
    return f"+{digits}" if international else digits
