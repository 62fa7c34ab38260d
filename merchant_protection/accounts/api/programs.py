"""What an endpoint asks of programs: a key with the right scope, and that what it changes happens once."""

import hashlib
import json
from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ParseError, PermissionDenied
from rest_framework.permissions import SAFE_METHODS
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from merchant_protection.accounts.actor import Actor
from merchant_protection.accounts.models import KeptAnswer
from merchant_protection.accounts.services import idempotency
from merchant_protection.foundation.transactions import before_commit

HEADER = "Idempotency-Key"
LONGEST_KEY = 200


class ForPrograms:
    """An endpoint for programs beside people: `class Claims(ListModelMixin, ForPrograms, Resource)`.

    A key needs `read_scope` to look and `write_scope` to change anything; without
    the scope in question the answer is 403 and names it. Where a scope is empty, or
    the action stands in `people_only`, no key is enough. People are judged by their
    roles, in the commands.

    A POST takes effect once under one `Idempotency-Key`. Programs must send one,
    except for actions in `repeatable`, whose repetition does no harm: of those no
    answer is kept.
    """

    read_scope: ClassVar[str] = ""
    write_scope: ClassVar[str] = ""
    people_only: ClassVar[frozenset[str]] = frozenset()
    repeatable: ClassVar[frozenset[str]] = frozenset()
    post: Callable[..., Any]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)  # type: ignore[misc]
        actor: Actor = self.actor  # type: ignore[attr-defined]
        if not hasattr(self, str(request.method).lower()):
            return  # such a method is not possible here, which is told to everybody alike
        if actor.is_program:
            self._require_scope(actor, request)
        if request.method == "POST" and self._action_name(request) not in self.repeatable:
            self._once_only(request, actor)

    @classmethod
    def header_parameters(cls, action: str) -> list[OpenApiParameter]:
        """Return how the key of a POST is described."""
        words = "A name of your own for this request, kept 7 days: sent again, it has no second effect."
        if action in cls.repeatable:
            return []
        needed = action not in cls.people_only
        form = {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "pattern": "^[!-~]+$"}
        return [OpenApiParameter(HEADER, form, OpenApiParameter.HEADER, required=needed, description=words)]

    def _require_scope(self, actor: Actor, request: Request) -> None:
        scope = self.read_scope if request.method in SAFE_METHODS else self.write_scope
        if not scope or self._action_name(request) in self.people_only:
            raise PermissionDenied(_("A person decides this: no key opens it."))
        if not actor.has_scope(scope):
            raise PermissionDenied(_("The key has not the scope %(scope)s.") % {"scope": scope})

    def _once_only(self, request: Request, actor: Actor) -> None:
        key = request.headers.get(HEADER)
        if key is None:
            if actor.is_program:
                raise ParseError(_("Send an Idempotency-Key with this request, so that it takes effect once only."))
            return
        if not (0 < len(key) <= LONGEST_KEY and all("!" <= letter <= "~" for letter in key)):
            raise ParseError(_("An Idempotency-Key has 1 to 200 visible ASCII characters and no spaces."))
        self.post = partial(self._answer_once, self.post, key)

    def _answer_once(self, handler: Callable[..., Any], key: str, request: Request, *args: Any, **kwargs: Any) -> Any:
        actor: Actor = self.actor  # type: ignore[attr-defined]
        held = idempotency.take(actor=actor, key=key, digest=_digest(request), at=timezone.now())
        if isinstance(held, KeptAnswer):
            return _told_again(held)
        try:
            with before_commit(lambda: idempotency.mark(held, at=timezone.now())):
                response = handler(request, *args, **kwargs)
        except Exception:
            idempotency.release(held)
            raise
        if response.status_code >= 400:
            idempotency.release(held)
        else:
            idempotency.finish(held, status=response.status_code, content_type="application/json", body=_body(response))
        return response

    def _action_name(self, request: Request) -> str:
        return getattr(self, "action", None) or str(request.method).lower()


def _digest(request: Request) -> str:
    """A short name for what is asked: the address, and the body as it came."""
    whole = hashlib.sha256(f"{request.get_full_path()}\n".encode())
    if not str(request.content_type).startswith("multipart/"):
        whole.update(request._request.body)
        return whole.hexdigest()
    given: Any = request.data
    fields = {name: given.getlist(name) for name in given if name not in request.FILES}
    whole.update(json.dumps(fields, sort_keys=True).encode())
    for name in sorted(request.FILES):
        for file in request.FILES.getlist(name):
            whole.update(f"{name}\n{file.name}\n{file.size}\n".encode())
            for part in file.chunks():
                whole.update(part)
            file.seek(0)
    return whole.hexdigest()


def _body(response: Any) -> str:
    if not hasattr(response, "data"):
        return str(response.content.decode())
    return JSONRenderer().render(response.data).decode() if response.data is not None else ""


def _told_again(known: KeptAnswer) -> HttpResponse:
    answer = HttpResponse(known.body, status=known.status, content_type=known.content_type)
    answer["Idempotency-Replayed"] = "true"
    return answer
