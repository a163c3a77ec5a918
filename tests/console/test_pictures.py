"""The pictures of the console in the README; ANZE_PICTURES=docs/images keeps them there."""

import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.provider_site import Site
from tests.console.insured import Insured
from tests.console.test_console import FACTS, confirm, dialog, step

type Windows = Callable[..., Page]
SIZES = {"desktop": (1280, 800), "phone": (390, 844)}
MOST_BYTES = 150_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(os.environ.get("ANZE_PICTURES") or tmp_path)


def keep(page: Page, folder: Path, name: str, size: str) -> None:
    """A PNG of at most 128 colours, so that the README loads quickly."""
    page.wait_for_timeout(600)
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size][0]
    shot = Image.open(io.BytesIO(page.screenshot()))
    small = shot.convert("RGB").quantize(128, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    target = folder / f"console-{name}-{size}.png"
    small.save(target, optimize=True)
    assert target.stat().st_size < MOST_BYTES


def top(page: Page, heading: str) -> None:
    """Scroll a part to the top of the window."""
    page.get_by_role("heading", name=heading, exact=True).first.evaluate("one => one.scrollIntoView()")


def test_the_queue_a_case_its_clocks_and_the_decision_as_both_sides_see_it(
    window: Windows, colleague: Windows, site: Site, folder: Path
) -> None:
    insured = Insured.at(site, window(390, 844), "AZ2026000001", "13800000001")
    number = insured.complains()
    first = colleague("intake", f"/staff/complaints/{number}")
    step(first, "受理")
    confirm(first)
    expect(first.locator(".head")).to_contain_text("处理中")
    expect(insured.page.locator("#log")).to_contain_text("已受理")

    pages = {size: colleague("intake", width=width, height=height) for size, (width, height) in SIZES.items()}
    for size, page in pages.items():
        expect(page.locator("table.queue")).to_be_visible()
        keep(page, folder, "queue", size)
        page.goto(f"{site.url}/staff/complaints/{number}")
        expect(page.locator(".clock").first).to_be_visible()
        top(page, "两个时钟")
        keep(page, folder, "case", size)
        page.evaluate("scrollTo(0, 0)")
        form = step(page, "作出决定")
        for name, words in FACTS.items():
            form.get_by_label(name, exact=True).fill(words)
        form.evaluate("one => one.scrollTo(0, 0)")
        keep(page, folder, "decide", size)
        if size == "phone":
            confirm(page)
            expect(dialog(page)).to_be_hidden()

    expect(insured.page.locator("#log")).to_contain_text(FACTS["处理决定"])
    reader = insured.page
    for size, (width, height) in SIZES.items():
        reader.set_viewport_size({"width": width, "height": height})
        reader.reload()
        expect(reader.locator("#log")).to_contain_text(FACTS["处理决定"])
        keep(reader, folder, "decision", size)
