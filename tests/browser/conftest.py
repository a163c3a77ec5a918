"""A Chromium for the page's tests.

`page_server` is the address of the real application, `gateway` a fake one for what must fail on purpose.
"""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.fake_gateway import Gateway, running
from tests.helpers.stack import Stack

SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WAIT_MS = 60_000
expect.set_options(timeout=WAIT_MS)  # of 5 s: a busy machine is not a fault of the page


# Module scope: Playwright keeps an event loop running while it is open, and asynchronous tests of other modules need
# the thread for theirs.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = os.environ.get("ANZE_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        pytest.fail("Chromium is missing: install the package `chromium`, or name it in ANZE_CHROMIUM")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=SWITCHES)
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of its own storage that fails the test on any script error or breach of the content policy."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN", reduced_motion="reduce")
    context.set_default_timeout(WAIT_MS)
    opened = context.new_page()
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.on("console", lambda entry: errors.append(entry.text) if "Content Security" in entry.text else None)
    yield opened
    context.close()
    assert errors == []


@pytest.fixture
def fake() -> Iterator[tuple[Gateway, str]]:
    with running() as gateway_and_address:
        yield gateway_and_address


@pytest.fixture
def gateway(fake: tuple[Gateway, str]) -> Gateway:
    return fake[0]


@pytest.fixture
def fake_server(fake: tuple[Gateway, str]) -> str:
    return fake[1]


@pytest.fixture
def page_server(stack: Stack) -> str:
    """Address of the real application."""
    return stack.url
