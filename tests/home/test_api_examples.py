"""What docs/api.md prints works as it is printed, and every collection and scope of the API stands there."""

import importlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import override_settings
from django.urls import URLResolver, get_resolver
from pytest_django.live_server_helper import LiveServer
from standardwebhooks import Webhook

from merchant_protection.accounts import policies
from tests.factories.accounts import ApiKeyFactory, MerchantFactory
from tests.factories.marketplace import InboundSourceFactory, ListingFactory, OrderFactory
from tests.marketplace.posting import SECRET

DOC = (settings.BASE_DIR / "docs" / "api.md").read_text()
EXAMPLES = re.findall(r"^```(python|sh)\n(.*?)^```$", DOC, re.MULTILINE | re.DOTALL)


def answers(text: str) -> Iterator[dict[str, Any]]:
    """Every JSON object that was printed, one after the other."""
    while text := text.lstrip():
        found, end = json.JSONDecoder().raw_decode(text)
        yield found
        text = text[end:]


def addresses(patterns: list[Any], before: str = "") -> Iterator[str]:
    for pattern in patterns:
        here = before + str(pattern.pattern).lstrip("^")
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, here)
        else:
            yield here


@pytest.fixture
def portal(transactional_db: None) -> Iterator[str]:
    """The API on a real port, without the files of the pages."""
    with override_settings(ALLOWED_HOSTS=["*"]):
        server = LiveServer("127.0.0.1")
        yield server.url
        server.stop()


@pytest.fixture
def environment(portal: str) -> dict[str, str]:
    """What the page asks to have in the environment, and a shop with a product and an order."""
    shop = MerchantFactory(code="QH-0001")
    ListingFactory(merchant=shop, sku="QH-001-01")
    OrderFactory(merchant=shop, lines=1)
    key = ApiKeyFactory(merchant=shop, scopes=list(policies.MERCHANT_SCOPES))
    source = InboundSourceFactory()
    told = {"PORTAL": portal, "KEY": key.presented, "SOURCE": source.public_id, "SECRET": SECRET}
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    return os.environ | told | {"PATH": path}


def test_every_example_runs_as_printed(environment, tmp_path: Path, kept_in) -> None:
    assert shutil.which("curl"), "The examples for a shell need curl and openssl."
    said: list[dict[str, Any]] = []

    for kind, text in EXAMPLES:
        words = (sys.executable, "-c", text) if kind == "python" else ("sh", "-euc", text)
        ran = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert (ran.returncode, ran.stderr) == (0, ""), text
        said += answers(ran.stdout)

    assert not [each for each in said if "request_id" in each], "none of them is a problem"
    listings, price, decision, evidence, claim, rotated, *events = said
    assert "QH-001-01" in [each["sku"] for each in listings["results"]]
    assert (price["sku"], decision["verdict"]) == ("QH-001-01", "allow")
    assert (evidence["type"], claim["status"], claim["amount"]) == ("CHAT_DEMAND", "DRAFT", "200.0000")
    assert rotated["secret"].startswith("whsec_")
    assert [each["accepted"] for each in events] == [1, 1]


def test_the_check_of_a_webhook_believes_what_was_signed_and_nothing_else(tmp_path: Path, monkeypatch) -> None:
    (example,) = [text for kind, text in EXAMPLES if "def is_ours" in text]
    (tmp_path / "checking_webhooks.py").write_text(example)
    monkeypatch.syspath_prepend(tmp_path)
    is_ours = importlib.import_module("checking_webhooks").is_ours
    body = b'{"type": "claim.decided"}'
    now = datetime.now(UTC)
    signed = Webhook(SECRET).sign("msg_1", now, body.decode())
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": f"v1,AAAA {signed}",
    }

    assert is_ours(headers, body, SECRET)
    assert not is_ours(headers, body + b" ", SECRET)
    assert not is_ours(headers | {"webhook-timestamp": "1"}, body, SECRET)


def test_every_scope_and_collection_stands_on_the_page() -> None:
    asked = {
        re.split(r"[/.(\\$<]", each.removeprefix("api/v1/"))[0]
        for each in addresses(get_resolver().url_patterns)
        if each.startswith("api/v1/")
    }

    assert {scope for scope in policies.PLATFORM_SCOPES if f"`{scope}`" not in DOC} == set()
    assert {each for each in asked if each and f"/{each}" not in DOC} == set()
