"""Signatures against the specification's own library, and refusals."""

import base64
from datetime import UTC, datetime

import pytest
import standardwebhooks

from benchmarks.simulator import signing

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"test": 2432232314}'
SENT_AT = 1614265330


def test_signature_of_the_known_vector() -> None:
    found = signing.signature(SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", SENT_AT, BODY)

    assert found == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_library_accepts_ours_and_we_accept_the_library() -> None:
    now = int(datetime.now(UTC).timestamp())
    library = standardwebhooks.Webhook(SECRET)
    theirs = library.sign("msg_1", datetime.fromtimestamp(now, UTC), BODY.decode())
    headers = {"webhook-id": "msg_1", "webhook-timestamp": str(now), "webhook-signature": theirs}

    assert library.verify(BODY, signing.headers(SECRET, "msg_1", now, BODY))
    assert signing.verify(SECRET, headers, BODY, now=now) == "msg_1"


def test_one_fitting_signature_of_several_is_enough() -> None:
    headers = signing.headers(SECRET, "msg_1", SENT_AT, BODY)
    headers["webhook-signature"] = "v1,AAAA " + headers["webhook-signature"]

    assert signing.verify(SECRET, headers, BODY, now=SENT_AT + 299)


@pytest.mark.parametrize(
    "changes",
    [
        {"webhook-id": "msg_2"},
        {"webhook-id": ""},
        {"webhook-timestamp": str(SENT_AT + 1)},
        {"webhook-timestamp": "NaN"},
        {"webhook-timestamp": str(SENT_AT - 301)},
        {"webhook-signature": ""},
        {"webhook-signature": "v1,é"},
    ],
)
def test_anything_else_is_refused(changes: dict[str, str]) -> None:
    headers = signing.headers(SECRET, "msg_1", SENT_AT, BODY) | changes

    with pytest.raises(signing.BadSignature):
        signing.verify(SECRET, headers, BODY, now=SENT_AT)


def test_another_body_is_refused() -> None:
    headers = signing.headers(SECRET, "msg_1", SENT_AT, BODY)

    with pytest.raises(signing.BadSignature):
        signing.verify(SECRET, headers, BODY + b" ", now=SENT_AT)


def test_a_secret_that_is_no_base64_is_refused() -> None:
    with pytest.raises(ValueError):
        signing.key_of("whsec_%%%")

    assert signing.key_of(signing.secret_of(b"key")) == b"key"
    assert base64.b64decode(SECRET.removeprefix("whsec_")) == signing.key_of(SECRET)
