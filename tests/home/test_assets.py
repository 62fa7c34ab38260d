"""What the pages load is built, and nothing that they name is missing from it."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from fontTools import ttLib

from merchant_protection.config import navigation

ROOT = Path(settings.BASE_DIR)
SPRITE = ROOT / "assets" / "build" / "portal" / "icons.svg"
SYMBOLS = ROOT / "assets" / "unfold-build" / "unfold" / "fonts" / "material-symbols" / "Material-Symbols-Outlined.woff2"
ICON = re.compile(r"""{%\s*icon\s+["']([a-z0-9-]+)["']|\bicon="([a-z0-9-]+)\"""")
INLINE = re.compile(r"""<script(?![^>]*(?:src=|application/json))|\son[a-z]+=["']|\sstyle=["']""")
PORTAL_PAGES = [page for page in sorted((ROOT / "templates").rglob("*.html")) if "admin" not in page.parts]


@pytest.fixture(scope="module")
def sprite() -> set[str]:
    if not SPRITE.exists():
        pytest.fail("The pages' scripts and styles are not built. This builds them: make assets", pytrace=False)
    return set(re.findall(r'<symbol id="([a-z0-9-]+)"', SPRITE.read_text()))


def test_every_icon_that_a_template_names_is_in_the_sprite(sprite):
    named = {name for page in PORTAL_PAGES for found in ICON.findall(page.read_text()) for name in found if name}

    assert not named - sprite


@pytest.mark.parametrize("page", PORTAL_PAGES, ids=lambda page: str(page.relative_to(ROOT / "templates")))
def test_no_page_carries_a_script_or_a_style_of_its_own(page):
    if "mail" in page.parts:
        return  # mail programs know no style sheets

    assert not INLINE.search(page.read_text())


def test_every_symbol_of_the_staff_navigation_is_in_the_cut_font():
    font = ttLib.TTFont(SYMBOLS)
    letters = {glyph: chr(code) for code, glyph in font.getBestCmap().items()}
    drawn = {
        "".join(letters.get(glyph, "?") for glyph in (first, *entry.Component))
        for lookup in font["GSUB"].table.LookupList.Lookup
        for table in lookup.SubTable
        for first, entries in getattr(getattr(table, "ExtSubTable", table), "ligatures", {}).items()
        for entry in entries
    }
    groups = navigation.UNFOLD["SIDEBAR"]["navigation"]
    named = {item["icon"] for group in groups for item in group["items"]}

    assert not named - drawn


@pytest.mark.parametrize(
    ("name", "forever"),
    [
        ("/static/portal/app.2cee42877352.js", True),
        ("/static/portal/chunk-charts-AZYKUZHW.js", True),
        ("/static/portal/app.js", False),
        ("/static/portal/inter-latin.woff2", False),
    ],
)
def test_only_files_whose_name_changes_with_them_are_kept_for_ever(name, forever):
    assert bool(re.search(settings.WHITENOISE_IMMUTABLE_FILE_TEST, name)) is forever
