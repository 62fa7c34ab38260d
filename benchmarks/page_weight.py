"""What a browser fetches for a page, in bytes as they travel: the first time, and once it has been there before."""

import shutil
from dataclasses import dataclass

from playwright.sync_api import Browser, BrowserContext, Playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SETTLED = 1_500  # milliseconds after the last request, in which charts come by themselves


@dataclass(frozen=True)
class Weight:
    """Bytes and requests of one visit; `elsewhere` counts requests that went to another host."""

    size: int
    requests: int
    elsewhere: int


def chromium(playwright: Playwright) -> Browser:
    """Start the browser that is there."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    return playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])


def visits(browser: Browser, address: str, *, cookie: tuple[str, str]) -> tuple[Weight, Weight]:
    """Return the weights of a first visit and of a second one with the same cache."""
    with browser.new_context() as context:
        context.add_cookies([{"name": cookie[0], "value": cookie[1], "url": address}])
        return _visit(context, address), _visit(context, address)


def _visit(context: BrowserContext, address: str) -> Weight:
    page = context.new_page()
    wire = context.new_cdp_session(page)
    sizes: list[float] = []
    asked: list[str] = []
    wire.on("Network.requestWillBeSent", lambda event: asked.append(event["request"]["url"]))
    wire.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    wire.send("Network.enable")
    page.goto(address, wait_until="networkidle")
    page.wait_for_timeout(SETTLED)
    page.close()
    host = address.split("/", 3)[2]
    foreign = [url for url in asked if url.startswith("http") and url.split("/", 3)[2] != host]
    return Weight(int(sum(sizes)), len(asked), len(foreign))
