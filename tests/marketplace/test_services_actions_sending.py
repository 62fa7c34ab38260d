"""What is asked for leaves once, with no transaction open, and its answer is written down."""

from merchant_protection.marketplace.models import ActionEvent, PlatformAction


def test_an_action_is_sent_and_confirmed(transactional_db, platform_scope, ask, drain, market):
    action = ask("delist", "SKU-1")

    assert action.status == "AUTHORISED"
    assert drain() == 1

    action.refresh_from_db()
    assert (action.status, action.due_at) == ("CONFIRMED", None)
    assert market.state("LISTING", "SKU-1", "availability") == "DELISTED"
    assert (action.target.desired, action.target.actual) == ("DELISTED", "DELISTED")
    assert list(ActionEvent.objects.values_list("move", flat=True)) == ["ask", "confirm"]
    assert drain(later=3600) == 0
    assert PlatformAction.objects.count() == 1
