"""Which complaint a page is about: one of the shop's own, or none."""

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from claims.models import Claim
from claims.queries import shop_lists as lists


def mine(request: HttpRequest, pk: int) -> Claim:
    """Return a complaint of the shop, or 404."""
    return get_object_or_404(lists.mine(request.actor), pk=pk)
