"""Archives in the console, on a phone: what is missing, photos, words, filing, the export, a doubted photo (7.4)."""

import re
import zipfile
from collections.abc import Callable

from playwright.sync_api import Page, expect
from sqlalchemy import select

from anze.bookings.models import Service
from anze.identity.models import Branch, Staff
from anze.policies.models import Policy
from tests.browser.photo import PHOTO
from tests.browser.provider_site import Site
from tests.console.conftest import pictured

type Windows = Callable[..., Page]


def _number(site: Site) -> str:
    """A hazard check of the demo's branch that is completed, not filed, without any photo."""
    with site.db.write() as session:
        branch = session.scalars(select(Branch).join(Staff).where(Staff.username == "service")).one()
        policy = session.scalars(select(Policy).where(Policy.branch_id == branch.id)).first()
        assert policy is not None
        now = site.services.clock.now()
        row = Service(
            number="FW20261120900", policy_id=policy.id, insured_id=policy.insureds[0].id, provider_id=1, item="d",
            status="completed", requested_at=now, completed_on=now.date(), place="厂区", people=["王五"],
            report_no="BG1", starts_at=now,
        )  # fmt: skip
        session.add(row)
        return row.number


def test_an_archive_is_made_complete_on_a_phone_and_exported(colleague: Windows, site: Site) -> None:
    number = _number(site)
    page = colleague("service", "/staff/records", width=390, height=844)
    page.get_by_role("link", name=number).click()
    expect(page.get_by_text("表B.1 d) 第1项缺现场照片")).to_be_visible()
    page.get_by_label("现场照片").set_input_files([PHOTO, PHOTO | {"name": "二.png"}])
    expect(page.get_by_text("表B.1 d) 第1项缺现场照片")).to_have_count(0)
    expect(page.get_by_role("link", name="二.png")).to_be_visible()
    page.get_by_role("button", name="归档", exact=True).click()
    expect(page.get_by_role("alert").last).to_contain_text("还缺材料的原因")
    page.get_by_label("说明").fill("费用包含在年度服务费里")
    page.get_by_role("button", name="写下").click()
    expect(page.get_by_text("第2项缺实际支出金额")).to_have_count(0)
    pictured(page, "record-phone")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_label("还缺材料的原因").fill("报告机构在补，下周到")
    page.get_by_role("button", name="归档", exact=True).click()
    expect(page.get_by_text(re.compile("已归档，保留到 20"))).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="导出（ZIP）").click()
    assert "manifest.json" in zipfile.ZipFile(download.value.path()).namelist()
    pictured(page, "record-filed-phone")


def test_a_doubted_photo_is_looked_at(colleague: Windows, site: Site) -> None:
    page = colleague("supervisor", "/staff/records")
    pictured(page, "records")
    page.locator("section", has_text="要核实的照片").get_by_role("link").first.click()
    page.get_by_label("看到了什么").fill("同一处拍的，核实过")
    page.locator("section", has_text="系统只提示").get_by_role("button", name="写下").click()
    expect(page.get_by_text("核实过，没有问题：同一处拍的，核实过")).to_be_visible()
    auditor = colleague("auditor", page.url.removeprefix(site.url))
    expect(auditor.get_by_role("button", name="归档")).to_have_count(0)
