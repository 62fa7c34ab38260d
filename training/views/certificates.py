"""Certificates: one's own, as a PDF, and verified by anybody."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from training.models import Certificate
from training.outside import certificate_pdf
from training.queries import certificates, courses
from training.rules import certificate_codes, languages
from training.services import enrolling


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Show one's own certificates, and to owners those of their people."""
    now, actor = timezone.now(), request.actor
    rows = certificates.visible_to(actor).filter(merchant_id=actor.merchant_id).order_by("-issued_at", "-pk")[:100]
    shown = [
        {"certificate": row, "state": row.state(now), "renewable": row.user_id == actor.id and row.is_near_its_end(now)}
        for row in rows
    ]
    return render(request, "training/certificates.html", {"rows": shown})


@require_GET
def pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a certificate as a PDF in the reader's language."""
    actor = request.actor
    rows = certificates.visible_to(actor).filter(merchant_id=actor.merchant_id)
    certificate = get_object_or_404(rows, pk=pk)
    body = certificate_pdf.draw(words_of(certificate), address=verification_address(certificate.code))
    answer = HttpResponse(body, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="certificate-{certificate.code}.pdf"'
    return answer


@require_POST
def renew(request: HttpRequest, code: str) -> HttpResponse:
    """Take a course up again for a new certificate."""
    course = get_object_or_404(courses.catalogue(), code=code)
    enrolling.renew(actor=request.actor, course_id=course.pk, at=timezone.now())
    return redirect("training_course", code)


@require_GET
def verify(request: HttpRequest, code: str = "") -> HttpResponse:
    """Tell anybody whether a certificate is real, and whether it still holds."""
    typed = code or request.GET.get("code", "")[:40]
    if not code and (read := certificate_codes.read(typed)):
        return redirect("certificate_verify", read)
    certificate = certificates.by_code(typed) if typed else None
    state = certificate.state(timezone.now()) if certificate else ("UNKNOWN" if typed else "")
    context = {"typed": typed, "certificate": certificate, "state": state}
    return render(request, "training/verify.html", context, status=404 if state == "UNKNOWN" else 200)


def verification_address(code: str) -> str:
    """Return the address that the QR code of a certificate leads to."""
    return f"{settings.PUBLIC_URL.rstrip('/')}{reverse('certificate_verify', args=[code])}"


def words_of(certificate: Certificate) -> certificate_pdf.Words:
    """Return what stands on a certificate, in the reader's language."""
    day = "%Y-%m-%d"
    until = timezone.localtime(certificate.expires_at).strftime(day) if certificate.expires_at else _("no end")
    return certificate_pdf.Words(
        heading=_("Certificate"),
        holder=certificate.holder_name,
        shop=certificate.shop_name,
        says=_("has completed the course"),
        course=languages.in_language(certificate.version.title, get_language()),
        version=_("Version %(n)s") % {"n": certificate.version.number},
        issued=_("Issued: %(day)s") % {"day": timezone.localtime(certificate.issued_at).strftime(day)},
        expires=_("Valid until: %(day)s") % {"day": until},
        code=_("Code: %(code)s") % {"code": certificate.code},
        verify=_("Verify: %(address)s") % {"address": verification_address(certificate.code)},
    )
