"""The page of management: a manager, a training, a document, a drawn service, a channel (7.1, 7.2, 6.4)."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.provider_site import Site

type Windows = Callable[..., Page]


def test_a_manager_is_named_and_trained(colleague: Windows, site: Site) -> None:
    page = colleague("service", "/staff/management", width=390, height=844)
    page.get_by_role("link", name="明确一位管理人员").click()
    page.get_by_label("姓名").fill("周向东")
    page.get_by_label("部门").fill("安责险服务部")
    page.get_by_label("从哪天起").fill("2026-01-01")
    page.get_by_role("button", name="写下").click()
    page.get_by_role("link", name="周向东").click()
    page.get_by_label("哪天培训").fill("2026-06-01")
    page.get_by_label("培训内容").fill("标准宣贯")
    page.get_by_label("学时").fill("半天")
    page.get_by_label("证书或记录编号").fill("PX1")
    page.get_by_role("button", name="记下").click()
    expect(page.get_by_role("alert").first).to_contain_text("数字没看懂")
    page.get_by_label("学时").fill("8")
    page.get_by_role("button", name="记下").click()
    expect(page.locator(".facts")).to_contain_text("2026-06-01")
    page.goto(f"{site.url}/staff/management")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_document_completes_the_seven(colleague: Windows, site: Site) -> None:
    page = colleague("supervisor", "/staff/management")
    expect(page.get_by_text("还缺：评价考核")).to_be_visible()
    page.get_by_role("link", name="出一版制度").click()
    page.get_by_label("哪一项制度").click()
    page.get_by_role("option", name="评价考核").click()
    page.get_by_label("名称").fill("评价考核管理办法")
    page.get_by_label("文号").fill("8号")
    page.get_by_label("从哪天起").fill("2026-11-23")
    page.get_by_label("改了什么").fill("首次制定")
    page.get_by_role("button", name="出版").click()
    expect(page.get_by_text("七项都有了")).to_be_visible()
    page = colleague("service", "/staff/management")
    expect(page.get_by_role("link", name="出一版制度")).to_have_count(0)


def test_a_service_is_drawn_and_judged_and_a_channel_tried(colleague: Windows, site: Site) -> None:
    page = colleague("service", "/staff/management")
    page.get_by_role("link", name="抽几次服务").click()
    page.get_by_label("抽签用的词").fill("十一月")
    page.get_by_label("抽几次").fill("1")
    page.get_by_role("button", name="抽", exact=True).click()
    page.locator("section", has_text="质量抽查").get_by_role("link").first.click()
    page.get_by_label("看到了什么").fill("照片齐全，客户说讲得清楚")
    page.get_by_role("button", name="写下").click()
    expect(page.locator(".facts")).to_contain_text("照片齐全")
    page.goto(f"{site.url}/staff/management")
    page.locator("section", has_text="投诉渠道").get_by_role("button", name="试过，通").first.click()
    expect(page.get_by_text("2026-11-23 试过，通").first).to_be_visible()
