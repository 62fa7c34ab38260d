"""The answer to an error of ours: it needs neither the database nor the session, which may be what failed."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import loader


def server_error(request: HttpRequest) -> HttpResponse:
    """Say that something went wrong on our side, with the number that support asks for."""
    request_id = getattr(request, "request_id", "")
    if request.path.startswith("/api/"):
        problem = {"type": "about:blank", "title": "Internal error", "status": 500, "trace_id": request_id}
        return JsonResponse(problem, status=500, content_type="application/problem+json")
    shown = {"request_id": request_id, "theme": request.COOKIES.get("theme", "")}
    return HttpResponse(loader.get_template("portal/errors/500.html").render(shown), status=500)
