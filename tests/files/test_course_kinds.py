"""Kinds of file that only courses hold: rejected, or written anew so that nothing in them runs or leads elsewhere."""

import io
import subprocess
import zipfile
from pathlib import Path

import imageio_ffmpeg
import openpyxl
import pytest

from merchant_protection.files.models import Derivative, StoredFile
from merchant_protection.files.outside import store
from merchant_protection.foundation import tenancy
from tests.fixtures.people import Persona
from tests.fixtures.uploads import Send

SVG = "<svg xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink' viewBox='0 0 9 9' {}>{}</svg>"
EXTERNAL = b"<Relationships><Relationship Type='x/attachedTemplate' Target='http://e.example/t' TargetMode='External'/>"


def document(**more: bytes) -> bytes:
    """A document as an office program saves it, with more inside."""
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        for name, content in {"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<document/>", **more}.items():
            archive.writestr(name, content)
    return body.getvalue()


def table() -> bytes:
    body = io.BytesIO()
    book = openpyxl.Workbook()
    book.active["A1"] = "底价"
    book.save(body)
    return body.getvalue()


def copy_of(file: StoredFile) -> bytes:
    with tenancy.platform():
        return store.path_of(Derivative.objects.get(file=file, role="CLEAN").place).read_bytes()


@pytest.mark.parametrize(
    ("name", "body", "reason"),
    [
        ("a.svg", b"<!DOCTYPE svg [<!ENTITY a 'aaaa'>]>" + SVG.format("", "").encode(), "wrong_type"),
        ("a.svg", b"<html><svg/></html>", "wrong_type"),
        ("a.svg", b"<svg><unclosed", "damaged"),
        ("a.svg", SVG.format("", "<g>" * 80 + "</g>" * 80).encode(), "too_heavy"),
        ("a.vtt", b"1\n00:00.000 --> 00:01.000\nno head\n", "wrong_type"),
        ("a.vtt", b"<html>WEBVTT", "wrong_type"),
        ("a.csv", b"MZ\x90\x00", "wrong_type"),
        ("a.docx", b"PK\x03\x04 no zip", "damaged"),
        ("a.docx", table(), "wrong_type"),
        ("a.xlsx", document(), "wrong_type"),
        ("a.docx", document(**{"word/vbaProject.bin": b"x"}), "has_programs"),
        ("a.docx", document(**{"word/embeddings/oleObject1.bin": b"x"}), "has_programs"),
        ("a.docx", document(**{"word/_rels/settings.xml.rels": EXTERNAL}), "has_programs"),
        ("a.webm", b"\x1a\x45\xdf\xa3" + b"\x00" * 20 + b"webm" + b"\x00" * 200, "damaged"),
        ("a.mp4", b"\x00\x00\x00\x18ftypisom" + b"no film" * 50, "damaged"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",  # archives carry the second they were made in
)
def test_what_is_not_what_it_says_or_could_run_is_rejected(
    trainer: Persona, sent: Send, name: str, body: bytes, reason: str
) -> None:
    file = sent(trainer.actor, name, body, purpose="course_file")

    assert (file.status, file.reason) == ("REJECTED", reason)


def test_a_drawing_keeps_its_shapes_and_loses_what_runs_or_leads_elsewhere(trainer: Persona, sent: Send) -> None:
    inside = (
        "<script>alert(1)</script><path d='M0 0h9' onclick='alert(2)' fill='url(#f)'/>"
        "<foreignObject><p/></foreignObject>"
        "<a xlink:href='javascript:alert(3)'><rect/></a><image href='http://e.example/x.png'/>"
        "<rect style='background:url(http://e.example)' fill='url(http://e.example/#f)' width='3'/>"
        "<style>@import 'x'</style>"
        "<animate attributeName='href' values='javascript:alert(4)'/><text>底价</text>"
    )
    file = sent(trainer.actor, "a.svg", SVG.format("onload='alert(0)'", inside).encode(), purpose="course_file")

    clean = copy_of(file).decode()
    assert "viewBox" in clean
    assert "M0 0h9" in clean
    assert "底价" in clean
    for hostile in ("script", "alert", "e.example", "foreignObject", "style", "onload", "animate", "href"):
        assert hostile not in clean, clean


def test_captions_keep_the_marks_of_captions_only(trainer: Persona, sent: Send) -> None:
    body = "WEBVTT\n\n00:00.000 --> 00:02.000\n"
    body += "<v 老师>看<b>底价</b><script>alert(1)</script><img src=x onerror=alert(2)>\n"

    clean = copy_of(sent(trainer.actor, "a.vtt", body.encode(), purpose="course_file")).decode()

    assert "<v 老师>看<b>底价</b>" in clean
    assert "-->" in clean
    assert "<script" not in clean
    assert "<img" not in clean


def test_a_table_runs_no_formula_and_keeps_its_numbers(trainer: Persona, sent: Send) -> None:
    body = 'sku,price\nA,-3.5\n=cmd(),+1\n"@x",-y\n'

    clean = copy_of(sent(trainer.actor, "a.csv", body.encode(), purpose="course_file")).decode()

    assert clean == "sku,price\nA,-3.5\n'=cmd(),'+1\n\"'@x\",'-y\n"


def test_documents_are_packed_anew_and_open(trainer: Persona, sent: Send) -> None:
    clean = copy_of(sent(trainer.actor, "a.xlsx", table(), purpose="course_file"))

    assert openpyxl.load_workbook(io.BytesIO(clean)).active["A1"].value == "底价"
    assert sent(trainer.actor, "a.docx", document(), purpose="course_file").status == "CLEAN"


def test_a_film_of_the_web_loses_what_was_written_beside_it(trainer: Persona, sent: Send, tmp_path: Path) -> None:
    made = tmp_path / "made.webm"
    film = ("-f", "lavfi", "-i", "testsrc=size=64x64:rate=5:duration=1", "-metadata", "title=CANARY", "-c:v", "libvpx")
    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", *film, str(made)], check=True)
    body = made.read_bytes()
    assert b"CANARY" in body

    file = sent(trainer.actor, "a.webm", body, purpose="course_file")

    assert (file.status, file.media_type) == ("CLEAN", "video/webm")
    assert b"CANARY" not in copy_of(file)
