"""A visitor files a complaint in the page and sees its day; ANZE_PICTURES keeps the pictures for the README."""

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.test_page_exchange import ask, begin

STORY = "上周三约好来厂里查隐患,专家坐了十分钟就走,报告倒是写了五页"
VIEWS = {"phone": (390, 844), "desktop": (1280, 800)}


def file_complaint(page: Page) -> None:
    ask(page, STORY)
    ask(page, "南京栖霞宏兴涂料厂")
    ask(page, "老周 13912345678")
    page.get_by_role("button", name="提交投诉").click()
    expect(page.get_by_text(re.compile(r"TS20261123\d{3}")).first).to_be_visible()


def test_a_visitor_files_a_complaint_and_sees_how_its_day_was_counted(page: Page, page_server: str) -> None:
    begin(page, page_server)
    file_complaint(page)
    page.locator("summary", has_text="怎么算的").click()
    expect(page.locator("#log")).to_contain_text("第15天 12月14日")
    expect(page.locator("#log")).to_contain_text("2026-12-08")
    ask(page, "我的投诉")
    expect(page.locator("#log")).to_contain_text("还剩 15 个工作日")


def test_binding_in_the_page_names_the_firm(page: Page, page_server: str) -> None:
    begin(page, page_server)
    ask(page, "我想绑定保单")
    page.locator("dialog[open] input[name=policy_no]").fill("AZ2026000002")
    page.locator("dialog[open] input[name=phone]").fill("13800000002")
    page.locator("dialog[open] input[name=phone]").press("Enter")
    shown = page.locator("dialog[open]").get_by_text(re.compile(r"\d{6}")).first
    expect(shown).to_be_visible()
    code = re.search(r"\d{6}", shown.inner_text())
    assert code is not None
    page.locator("dialog[open] input[name=code]").fill(code.group())
    page.locator("dialog[open] input[name=code]").press("Enter")
    expect(page.locator("header")).to_contain_text("南京安瓦铜业有限公司")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("view", VIEWS)
def test_nothing_overflows_after_a_complaint(browser: Browser, page_server: str, view: str, scheme: str) -> None:
    width, height = VIEWS[view]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        locale="zh-CN",
        color_scheme="light" if scheme == "light" else "dark",
        reduced_motion="reduce",
        device_scale_factor=2 if view == "phone" else 1,
    )
    page = context.new_page()
    begin(page, page_server)
    file_complaint(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if folder := os.environ.get("ANZE_PICTURES"):
        page.wait_for_timeout(500)
        page.screenshot(path=Path(folder, f"complaint-{view}-{scheme}.png"))
    context.close()
