"""The console in a real Chromium, over the demo data; one site for a file of tests."""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from anze.clock import Clock
from tests.browser.conftest import WAIT_MS, browser  # noqa: F401 - a fixture
from tests.browser.provider_site import Site, demo_data
from tests.console.site import serving

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def site(demo_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    data = demo_data(demo_file, tmp_path_factory.mktemp("console") / "data")
    with serving(data, Clock(NOW)) as started:
        yield started


@pytest.fixture
def window(browser: Browser) -> Iterator[Callable[..., Page]]:  # noqa: F811 - the fixture above
    """Opens windows of their own storage; a script error or a breach of the content policy in any fails the test."""
    errors: list[str] = []
    contexts = []

    def opened(width: int = 1280, height: int = 800) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height}, locale="zh-CN", reduced_motion="reduce"
        )
        context.set_default_timeout(WAIT_MS)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda entry: errors.append(entry.text) if "Content Security" in entry.text else None)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture
def colleague(window: Callable[..., Page], site: Site) -> Callable[..., Page]:
    """A window in which somebody is signed in, showing the page at `path`."""

    def signed_in(username: str, path: str = "/staff/", at: Site = site, **size: int) -> Page:
        page = window(**size)
        body = {"username": username, "password": "demo-anze"}
        answer = httpx.post(f"{at.url}/staff/sign-in", json=body, headers={"Origin": at.url}, timeout=30)
        assert answer.status_code == 200, answer.text
        page.context.add_cookies([{"name": n, "value": v, "url": at.url} for n, v in answer.cookies.items()])
        page.goto(at.url + path)
        expect(page.get_by_role("button", name="退出")).to_be_visible()
        return page

    return signed_in


def pictured(page: Page, name: str) -> None:
    """Keep a picture of the page in the folder of ANZE_PICTURES, to be looked at; nothing without one."""
    if folder := os.environ.get("ANZE_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
