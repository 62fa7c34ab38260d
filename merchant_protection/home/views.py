"""Pages that span features, and the site's health."""

from django.http import HttpRequest, HttpResponse


def healthz(request: HttpRequest) -> HttpResponse:
    """Say that the process is alive; nothing else is asked."""
    return HttpResponse("ok\n", content_type="text/plain")
