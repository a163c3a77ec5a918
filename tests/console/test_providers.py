"""The pages of providers and improvements (8.1, 8.2)."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.provider_site import Site

type Windows = Callable[..., Page]
FIELDS = ("委托服务履约情况", "服务管理", "服务质量", "服务效果", "被保险人评价")


def test_a_provider_is_appraised_and_what_was_typed_wrongly_stays(colleague: Windows, site: Site) -> None:
    page = colleague("service", "/staff/providers", width=390, height=844)
    expect(page.locator("#main")).to_contain_text("还没考核")
    page.locator("table.grid a").first.click()
    for name in FIELDS:
        page.get_by_label(re.compile(f"^{name}（0–100）")).fill("70")
    page.get_by_label("服务质量（0–100）").fill("七十")
    page.get_by_label("依据").fill("报告及时，客户反映好")
    page.get_by_role("button", name="写下").click()
    expect(page.get_by_role("alert")).to_contain_text("五项都要打分")
    expect(page.get_by_label("依据")).to_have_value("报告及时，客户反映好")
    page.get_by_label("服务质量（0–100）").fill("90")
    page.get_by_role("button", name="写下").click()
    expect(page.get_by_role("heading", name=re.compile("2026 年第 1 版 · 75 分，合格"))).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_an_improvement_is_opened_and_closed(colleague: Windows, site: Site) -> None:
    page = colleague("service", "/staff/providers")
    page.get_by_role("link", name="提一个改进项").click()
    page.get_by_label("问题").fill("回访没有原话")
    page.get_by_label("改进措施").fill("每月抽查十份")
    page.get_by_label("责任人").fill("老周")
    page.get_by_label("完成期限").fill("2026-12-20")
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_role("heading", name="改进项", exact=True)).to_be_visible()
    page.get_by_label("做了什么").fill("抽查了二十份，都有原话")
    page.get_by_role("button", name="关闭").click()
    expect(page.locator(".facts")).to_contain_text("抽查了二十份")
    expect(page.get_by_role("button", name="关闭")).to_have_count(0)


def test_another_branch_s_is_not_there_and_an_auditor_reads_only(colleague: Windows, site: Site) -> None:
    page = colleague("auditor", "/staff/providers")
    page.locator("table.grid a").first.click()
    expect(page.get_by_role("heading", name="历次考核")).to_be_visible()
    expect(page.get_by_role("button", name="写下")).to_have_count(0)
    page = colleague("service")
    page.goto(f"{site.url}/staff/providers/1/1")
    expect(page.locator("body")).to_contain_text("没有找到")


def test_who_failed_is_warned_of_where_a_service_is_arranged(colleague: Windows, site: Site) -> None:
    page = colleague("service", "/staff/work")
    page.locator("section", has_text="等安排的服务").get_by_role("link").first.click()
    page.get_by_role("button", name="找空档").click()
    expect(page.get_by_role("radio").first).to_be_visible()
    expect(page.get_by_text(re.compile("还没有考核过|考核不合格|（")).first).to_be_visible()
