"""The list of devices says what somebody sits at, in words."""

import pytest
from django.utils import translation

from merchant_protection.accounts.templatetags.devices import device

SAID = {
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36": (
        "Chrome · Windows"
    ),
    "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/131.0 Safari/537.36 Edg/131.0": "Edge · Windows",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1 MicroMessenger/8.0": "WeChat · iPhone",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1 Version/18.1 Safari/605.1": "Safari · macOS",
    "curl/8.5.0": "curl/8.5.0",
    "": "Unknown device",
}


@pytest.mark.parametrize("sentence", SAID)
def test_a_device_is_named_as_its_owner_knows_it(sentence: str) -> None:
    with translation.override("en"):
        assert device(sentence) == SAID[sentence]
