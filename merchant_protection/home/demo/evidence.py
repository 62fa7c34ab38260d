"""The demo's evidence: chats, papers and a film made on the spot, sent and checked like real ones."""

import io
import subprocess
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import imageio_ffmpeg
from django.utils import timezone
from PIL import Image, ImageDraw, ImageFont
from reportlab.pdfgen import canvas

from claims import lifecycle
from claims.models import Claim
from claims.queries import claims as queries
from claims.queries import evidence as evidence_queries
from claims.services import evidence
from merchant_protection.accounts.actor import Actor
from merchant_protection.files import drains
from merchant_protection.files.rules.limits import EVIDENCE
from merchant_protection.files.services import uploads

MOST = 12
# A film and a paper for the first complaints that want them; pictures for all others.
FILMS, PAPERS = {"UNBOXING_VIDEO", "PACKING_VIDEO"}, {"CARRIER_PROOF", "LAB_REPORT", "QUALITY_CERTIFICATE"}


def seed(*, actor: Actor, merchant_id: int, at: datetime) -> None:
    """Add what the shop's complaints ask for; complaints that show something already stay as they are."""
    mine = queries.visible_to(actor).filter(merchant_id=merchant_id).exclude(status__in=lifecycle.OVER)
    number = 0
    for claim in mine.order_by("pk")[:MOST]:
        if evidence_queries.of_claim(claim).exists():
            continue
        for each in claim.kind.required:
            number += 1
            _show(claim, each["type"], number, actor=actor, at=at)
    while drains.examine(timezone.now):
        pass


def _show(claim: Claim, kind: str, number: int, *, actor: Actor, at: datetime) -> None:
    name, make = _made_of(kind, number)
    body = make(claim.order_number)
    file = uploads.take_in(
        actor=actor,
        merchant_id=claim.merchant_id,
        purpose=EVIDENCE,
        name=name,
        stream=io.BytesIO(body),
        size=len(body),
        at=at,
    )
    moment = claim.submitted_at or claim.created_at
    evidence.add(claim_id=claim.pk, actor=actor, at=moment, file_id=file.pk, type=kind, note="演示证据")


def _made_of(kind: str, number: int) -> tuple[str, Callable[[str], bytes]]:
    if kind in FILMS:
        return f"开箱视频-{number:02}.mp4", _film
    if kind in PAPERS:
        return f"物流凭证-{number:02}.pdf", _paper
    # The first and the third show the same chat, so that the likeness has something to find.
    return f"聊天记录-{number:02}.png", lambda order: _chat(order, seed=1 if number in (1, 3) else number)


def _chat(order: str, *, seed: int) -> bytes:
    """A chat as a phone shows it: whose words stand where, without the words."""
    image = Image.new("RGB", (480, 640), "#ededed")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 480, 32), fill="#2f3542")
    draw.text((16, 9), f"Order {order if seed > 1 else ''}", fill="white", font=ImageFont.load_default(14))
    top = 48
    for index in range(6):
        turn = (seed * 2654435761 >> index * 4) % 4096
        side, long, high = turn % 2, 160 + turn % 240, 50 + turn // 7 % 90
        left = 460 - long if side else 20
        draw.rounded_rectangle((left, top, left + long, top + high), radius=10, fill="#95ec69" if side else "white")
        for y in range(top + 16, top + high - 10, 18):
            draw.line((left + 14, y, left + long - 30, y), fill="#57606f", width=6)
        top += high + 14
    return _saved(image)


def _saved(image: Image.Image) -> bytes:
    body = io.BytesIO()
    image.save(body, "PNG")
    return body.getvalue()


def _paper(order: str) -> bytes:
    body = io.BytesIO()
    sheet = canvas.Canvas(body)
    for page, lines in enumerate((("Carrier record", f"Order {order}", "Signed by the recipient"), ("Scan times",)), 1):
        sheet.setFont("Helvetica", 16)
        for place, line in enumerate(lines):
            sheet.drawString(72, 740 - 32 * place, line)
        sheet.drawString(72, 60, f"Page {page}")
        sheet.showPage()
    sheet.save()
    return body.getvalue()


def _film(order: str) -> bytes:
    """Three seconds of a test picture."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "film.mp4"
        source = ("-f", "lavfi", "-i", "testsrc=size=480x270:rate=10:duration=3")
        words = ("-v", "error", "-y", *source, "-pix_fmt", "yuv420p", "-metadata", f"comment={order}", str(target))
        subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), *words], check=True)
        return target.read_bytes()
