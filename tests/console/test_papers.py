"""Saved views, registers, letters and their scans in the console."""

import re
from collections.abc import Callable

import httpx
from playwright.sync_api import Page, expect
from sqlalchemy import select

from anze.complaints.desk_models import ComplaintRegister, SavedView
from anze.complaints.models import Complaint, ComplaintStatus
from anze.identity.models import Staff
from anze.letters.models import ComplaintLetter, LetterOrigin
from tests.browser.provider_site import Site
from tests.console.test_console import foreign_number, open_number
from tests.helpers.gateway import PNG

type Windows = Callable[..., Page]


def cookies(page: Page) -> dict[str, str]:
    return {str(one["name"]): str(one["value"]) for one in page.context.cookies()}


def test_filters_are_saved_under_a_name_chosen_and_removed(colleague: Windows, site: Site) -> None:
    page = colleague("supervisor")
    page.get_by_label("状态").click()
    page.get_by_role("option", name="处理中").click()
    page.get_by_label("缓急").click()
    page.get_by_role("option", name="已超期").click()
    expect(page).to_have_url(re.compile("status=handling&colour=overdue"))
    found = page.locator(".found > p").inner_text()
    page.get_by_role("button", name="保存当前筛选").click()
    page.get_by_label("视图名称").fill("处理中又过期的")
    page.keyboard.press("Enter")
    page.wait_for_url("**/staff/?view=*")
    expect(page.locator(".found > p")).to_have_text(found)
    page.get_by_label("缓急").click()
    page.get_by_role("option", name="不限").click()
    expect(page.locator(".found > p")).not_to_have_text(found)
    expect(page).to_have_url(re.compile("[?&]colour=(&|$)"))  # the address follows the lines
    page.reload()
    expect(page.locator(".found > p")).not_to_have_text(found)

    page.goto(site.url + "/staff/")
    page.get_by_label("我的视图").click()
    page.get_by_role("option", name="处理中又过期的").click()
    page.wait_for_url("**/staff/?view=*")
    expect(page.locator(".found > p")).to_have_text(found)
    other = colleague("intake", page.url.removeprefix(site.url))
    expect(other.get_by_label("我的视图")).to_have_count(0)
    page.get_by_role("button", name="删除这个视图").click()
    page.wait_for_url(site.url + "/staff/")
    expect(page.get_by_label("我的视图")).to_have_count(0)
    with site.db.read() as session:
        assert session.scalars(select(SavedView)).all() == []


def test_a_view_that_a_program_saved_says_what_else_it_holds(colleague: Windows, site: Site) -> None:
    page = colleague("auditor")
    query = {"status": ["filed", "handling"], "kind": "service", "handler": "intake"}
    with httpx.Client(base_url=site.url, cookies=cookies(page), headers={"Origin": site.url}, timeout=30) as http:
        made = http.post("/api/staff/complaints/views", json={"name": "服务类", "query": query})
        total = http.get("/api/staff/complaints", params=query).json()["total"]
    page.goto(f"{site.url}/staff/?view={made.json()['id']}")
    expect(page.locator("main, #main").first).to_contain_text("这个视图另外按：类别 服务投诉")
    expect(page.locator(".found > p")).to_have_text(f"共 {total} 件")
    page.get_by_role("button", name="删除这个视图").click()
    page.wait_for_url(site.url + "/staff/")


def test_a_register_is_issued_loaded_and_a_later_version_says_what_changed(colleague: Windows, site: Site) -> None:
    page = colleague("supervisor", "/staff/registers")
    page.get_by_role("button", name="出具").click()
    page.wait_for_url("**/staff/registers/*")
    expect(page.locator("h1")).to_have_text("总公司登记册 2026年11月")
    expect(page.locator("#main")).to_contain_text("这是第一版")
    first = page.url
    for name, begins in (("Excel", b"PK"), ("PDF", b"%PDF")):
        address = page.get_by_role("link", name=name).get_attribute("href")
        loaded = httpx.get(f"{site.url}{address}", cookies=cookies(page), timeout=30)
        assert (loaded.status_code, loaded.content[: len(begins)]) == (200, begins)

    page.goto(site.url + "/staff/registers")
    page.get_by_role("button", name="出具").click()
    expect(page.locator(".q-notification")).to_contain_text("没有任何不同")
    number = open_number(site, ComplaintStatus.FILED)
    with site.db.write() as session:
        case = session.scalars(select(Complaint).where(Complaint.number == number)).one()
        case.status = ComplaintStatus.HANDLING
    page.get_by_role("button", name="出具").click()
    page.wait_for_url("**/staff/registers/*")
    changed = page.get_by_role("region", name="与上一版不同的地方")
    expect(changed).to_contain_text(number)
    expect(changed).to_contain_text("进度")
    page.goto(first)
    expect(page.locator("#main")).to_contain_text("这是第一版")

    narrow = colleague("auditor", "/staff/registers", width=390, height=844)
    expect(narrow.get_by_role("button", name="出具")).to_have_count(0)
    narrow.locator("table a").first.click()
    expect(narrow.locator("h1")).to_contain_text("登记册")
    assert narrow.evaluate("document.documentElement.scrollWidth") <= 390
    with site.db.read() as session:
        head = session.scalars(select(ComplaintRegister.id)).first()
    denied = colleague("intake").goto(f"{site.url}/staff/registers/{head}")
    assert denied is not None
    assert denied.status == 404


def test_a_letter_is_issued_and_its_sealed_scan_counts(colleague: Windows, site: Site) -> None:
    number = open_number(site, ComplaintStatus.HANDLING)
    page = colleague("intake", f"/staff/complaints/{number}")
    part = page.locator("section", has=page.get_by_role("heading", name="告知书", exact=True))
    expect(part.get_by_text("上传盖章扫描件")).to_have_count(0)
    expect(part).not_to_contain_text("处理决定告知书")
    part.get_by_role("button", name="出具").click()
    expect(part.locator("li")).to_contain_text("第 1 版")
    part.get_by_label("上传盖章扫描件").set_input_files(
        {"name": "盖章.txt", "mimeType": "text/plain", "buffer": b"not a scan"}
    )
    expect(page.locator(".q-notification").last).to_contain_text("暂时不支持这种文件")
    part.get_by_label("上传盖章扫描件").set_input_files({"name": "盖章.png", "mimeType": "image/png", "buffer": PNG})
    expect(part.locator("li").first).to_contain_text("第 2 版，盖章扫描件")
    expect(part.locator("li").first).to_contain_text("以此为准")
    address = part.locator("li").first.get_by_role("link", name="打开").get_attribute("href")
    assert httpx.get(f"{site.url}{address}", cookies=cookies(page), timeout=30).content == PNG
    with site.db.read() as session:
        scan = session.scalars(select(ComplaintLetter).where(ComplaintLetter.origin == LetterOrigin.SCAN)).all()[-1]
        me = session.scalars(select(Staff).where(Staff.username == "intake")).one()
        assert scan.issued_by == f"staff:{me.id}"
    assert foreign_number(site) != number
