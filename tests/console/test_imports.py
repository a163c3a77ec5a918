"""The pages of imports: a template, a file with a mistake, the same put right, agreed to, its report."""

import io
from collections.abc import Callable
from pathlib import Path

from openpyxl import load_workbook
from playwright.sync_api import Page, expect
from sqlalchemy import select

from anze.imports.running import Worker
from anze.policies.models import Applicant
from tests.browser.provider_site import Site
from tests.console.conftest import pictured
from tests.imports.files import applicant, code, csv_of, xlsx_of

type Windows = Callable[..., Page]


def work(site: Site) -> None:
    """What the job of the server does."""
    while Worker(site.services).run_one():
        pass


def bring(page: Page, name: str, content: bytes) -> None:
    field = page.locator("input[type=file]")
    field.set_input_files({"name": name, "mimeType": "application/octet-stream", "buffer": content})


def test_a_file_is_brought_seen_and_agreed_to(colleague: Windows, site: Site) -> None:
    page = colleague("admin", "/staff/imports", width=390, height=844)
    page.get_by_label("导入什么").click()
    page.get_by_role("option", name="被保险人").click()
    expect(page.get_by_text("一个场所一行")).to_be_visible()
    page.get_by_label("导入什么").click()
    page.get_by_role("option", name="投保人").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="下载模板（Excel）").click()
    assert load_workbook(io.BytesIO(Path(download.value.path()).read_bytes())).sheetnames == [
        "数据",
        "各列说明",
        "说明",
    ]
    pictured(page, "imports-phone")
    bring(page, "投保人.csv", csv_of("applicants", [applicant(1), applicant(2, uscc="91X")], encoding="gbk"))
    expect(page.get_by_text("排队等检查").first).to_be_visible()
    work(site)
    expect(page.get_by_text("有 1 行有错")).to_be_visible()
    expect(page.locator("table")).to_contain_text("是 3 位，应该是 18 位")
    expect(page.get_by_role("button", name="只导入没有错的行")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    pictured(page, "import-faults-phone")
    page.get_by_role("button", name="不导入了").click()
    expect(page.get_by_text("没有要").first).to_be_visible()
    page.get_by_role("link", name="回到导入").click()
    bring(page, "投保人.xlsx", xlsx_of("applicants", [applicant(1), applicant(2)]))
    expect(page.get_by_text("排队等检查").first).to_be_visible()
    work(site)
    expect(page.get_by_text("会新增 2 行，改动 0 行")).to_be_visible()
    page.get_by_role("button", name="确认导入").click()
    expect(page.get_by_text("排队等写入").first).to_be_visible()
    work(site)
    expect(page.get_by_text("已导入").first).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="下载报告").click()
    assert load_workbook(io.BytesIO(Path(download.value.path()).read_bytes())).sheetnames == [
        "概况",
        "有错的格子",
        "跟着变的",
    ]
    with site.db.read() as session:
        assert session.scalar(select(Applicant.name).where(Applicant.uscc == code(2))) == "测试集团2"
    page.goto(f"{site.url}/staff/imports")
    expect(page.locator("table.grid").last).to_contain_text("新增 2，改动 0")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_what_cannot_be_read_says_so_and_a_second_time_there_is_nothing_to_do(colleague: Windows, site: Site) -> None:
    page = colleague("admin", "/staff/imports")
    bring(page, "照片.csv", b"\x89PNG\r\n\x1a\n")
    expect(page.get_by_role("alert").filter(has_text="只能导入")).to_be_visible()
    bring(page, "甲.csv", "甲,乙\n1,2\n".encode())
    expect(page.get_by_text("排队等检查").first).to_be_visible()
    work(site)
    expect(page.get_by_text("没有找到表头")).to_be_visible()
    page.goto(f"{site.url}/staff/imports")
    rows = csv_of("applicants", [applicant(7)])
    for words in ("会新增 1 行", "没有新增，也没有改动"):
        bring(page, "七.csv", rows)
        expect(page.get_by_text("排队等检查").first).to_be_visible()
        work(site)
        expect(page.get_by_text(words)).to_be_visible()
        if words.startswith("会"):
            pictured(page, "import-desktop")
            page.get_by_role("button", name="确认导入").click()
            expect(page.get_by_text("排队等写入").first).to_be_visible()
            work(site)
            expect(page.get_by_text("已导入").first).to_be_visible()
            page.goto(f"{site.url}/staff/imports")
    expect(page.get_by_role("button", name="确认导入")).to_have_count(0)


def test_nobody_else_sees_it(colleague: Windows, site: Site) -> None:
    page = colleague("service", "/staff/")
    expect(page.get_by_role("link", name="导入", exact=True)).to_have_count(0)
    answer = page.goto(f"{site.url}/staff/imports")
    assert answer is not None
    assert answer.status == 403
