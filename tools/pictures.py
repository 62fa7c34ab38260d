"""Take the README's pictures from a running demo: `python tools/pictures.py http://127.0.0.1:8000`."""

import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

PASSWORD = "demo-password-2026"  # noqa: S105  the demo's own, known to everybody
OUT = Path(__file__).resolve().parents[1] / "docs" / "pictures"
COLOURS = 96
DESK, PHONE = (1440, 900), (390, 844)


def main(portal: str) -> None:
    """Sign in as the demo's people and photograph their pages."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(channel=None, executable_path=_chromium(), args=["--no-sandbox"])
        page = _signed_in(browser, portal, "owner@demo.test", DESK, "zh-CN")
        _take(page, portal + "/m/", "overview-zh")
        _take(page, portal + "/m/claims/", "claims-zh")
        _take(page, portal + "/m/training/", "training-zh")
        page = _signed_in(browser, portal, "owner@demo.test", DESK, "en-US", dark=True)
        _take(page, portal + "/m/price-guard/", "price-guard-en-dark")
        page = _signed_in(browser, portal, "owner@demo.test", DESK, "en-US")
        _take(page, portal + "/m/warnings/", "warnings-en")
        _take(page, portal + "/m/scalper-policies/", "scalper-policies-en")
        page = _signed_in(browser, portal, "owner@demo.test", PHONE, "zh-CN")
        _take(page, portal + "/m/", "overview-phone-zh")
        page = _signed_in(browser, portal, "reviewer@demo.test", DESK, "zh-CN")
        _take(page, portal + "/admin/desk/", "desk-zh")
        browser.close()


def _signed_in(
    browser: Browser, portal: str, email: str, size: tuple[int, int], locale: str, *, dark: bool = False
) -> Page:
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, locale=locale, color_scheme="dark" if dark else "light"
    )
    page = context.new_page()
    page.goto(portal + "/accounts/login/")
    page.fill("[name=login]", email)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_load_state("networkidle")
    return page


def _take(page: Page, address: str, name: str) -> None:
    page.goto(address)
    page.wait_for_timeout(1200)  # charts draw after their part of the script has come
    path = OUT / f"{name}.png"
    page.screenshot(path=path)
    with Image.open(path) as picture:
        picture.convert("RGB").quantize(COLOURS).save(path, optimize=True)


def _chromium() -> str | None:
    return next((path for path in ("/usr/bin/chromium", "/usr/bin/google-chrome") if Path(path).exists()), None)


if __name__ == "__main__":
    OUT.mkdir(parents=True, exist_ok=True)
    main(sys.argv[1].rstrip("/") if len(sys.argv) > 1 else "http://127.0.0.1:8000")
