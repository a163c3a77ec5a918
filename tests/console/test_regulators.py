"""Cooperation with authorities in the console: a report by four eyes, a hand-over, a mechanism, a request (9.1–9.3)."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect
from sqlalchemy import select

from anze.identity.models import Branch, Staff
from anze.policies.models import Policy
from anze.reports import usecases as reports
from anze.reports.kinds import CandidateKind
from anze.reports.models import Candidate
from tests.browser.photo import PHOTO
from tests.browser.provider_site import Site
from tests.console.conftest import pictured

type Windows = Callable[..., Page]


def _sent(page: Page, number: str) -> None:
    page.get_by_label("哪天报送").fill("2026-11-23")
    page.get_by_label("文号").fill(number)
    page.locator("section", has_text="已经报送").get_by_role("button", name="记下").click()


def _receipt(page: Page) -> None:
    page.get_by_label("收到的日子").fill("2026-11-23")
    page.get_by_label("回执编号").fill("HZ1")
    page.locator("input[type=file]").set_input_files(PHOTO)
    expect(page.get_by_text("已传：")).to_be_visible()
    page.locator("section", has_text="收到回执").get_by_role("button", name="记下").click()


def _found(site: Site) -> int:
    """Something that may have to be reported, found in the branch of the demo's service manager; its id."""
    with site.db.write() as session:
        branch = session.scalars(select(Branch).join(Staff).where(Staff.username == "service")).one()
        policy = session.scalars(select(Policy).where(Policy.branch_id == branch.id)).first()
        assert policy is not None
        insured_id = policy.insureds[0].id
        assert reports.note(
            session, kind=CandidateKind.FAKE_SERVICE, subject=f"policy:{policy.id}", insured_id=insured_id,
            branch_id=branch.id, words="报告里的照片不是这家单位", at=site.services.clock.now(), by="system",
        )  # fmt: skip
        return session.scalars(select(Candidate.id).where(Candidate.subject == f"policy:{policy.id}")).one()


def test_a_report_is_drafted_approved_by_another_sent_and_receipted(colleague: Windows, site: Site) -> None:
    address = f"/staff/reports/{_found(site)}"
    writer = colleague("service", address)
    expect(writer.get_by_text("还没有上报稿")).to_have_count(0)
    writer.locator("section", has_text="核实过，确有其事").get_by_label("原因").fill("现场核实属实")
    writer.get_by_role("button", name="确认", exact=True).click()
    writer.get_by_label("情况说明").fill("十一月二日告知隐患，至今未整改，已两次上门劝改。")
    writer.get_by_role("button", name="起草").click()
    expect(writer.get_by_role("heading", name="待批准")).to_be_visible()
    expect(writer.get_by_role("button", name="批准上报")).to_have_count(0)
    judge = colleague("supervisor", address)
    judge.get_by_role("button", name="批准上报").click()
    expect(judge.locator("section", has_text="批准以后由同事报送").get_by_role("alert")).to_contain_text("先批准情形")
    judge.locator("section", has_text="可以由同事向监管部门报告").get_by_label("原因").fill("属实")
    judge.get_by_role("button", name="批准", exact=True).click()
    judge.get_by_role("button", name="批准上报").click()
    expect(judge.get_by_role("heading", name="已批准，等报送")).to_be_visible()
    writer.reload()
    _sent(writer, "平台2026-1")
    expect(writer.get_by_role("heading", name="已报送，等回执")).to_be_visible()
    _receipt(writer)
    expect(writer.get_by_role("heading", name="已有回执")).to_be_visible()
    pictured(writer, "regulator-report")
    with writer.expect_download() as download:
        writer.get_by_role("link", name="PDF").click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF")


def test_data_are_handed_over_on_a_phone(colleague: Windows, site: Site) -> None:
    page = colleague("admin", "/staff/regulators", width=390, height=844)
    page.get_by_role("link", name="生成报送数据").click()
    page.get_by_label("省", exact=True).fill("江苏省")
    page.get_by_label("时段").fill("去年")
    page.get_by_role("button", name="生成").click()
    expect(page.get_by_role("alert")).to_contain_text("时段没看懂")
    page.get_by_label("时段").fill("2026-Q3")
    page.get_by_role("button", name="生成").click()
    expect(page.get_by_role("link", name="handover.json")).to_be_visible()
    page.get_by_role("button", name="重新生成核对").click()
    expect(page.get_by_text("一字不差")).to_be_visible()
    page.get_by_label("监管部门").click()
    page.get_by_role("option", name="江苏省应急管理厅").click()
    _sent(page, "苏安责〔2026〕9号")
    expect(page.locator(".facts")).to_contain_text("苏安责〔2026〕9号")
    _receipt(page)
    expect(page.locator(".facts")).to_contain_text("HZ1")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    pictured(page, "handover-phone")


def test_a_mechanism_an_authority_and_an_evaluation_are_kept(colleague: Windows, site: Site) -> None:
    page = colleague("service", "/staff/regulators")
    pictured(page, "regulators")
    page.get_by_role("link", name="登记三方合作机制").click()
    page.get_by_label("名称").fill("南京市第二个机制")
    page.get_by_label("协议或文件").fill("协议一")
    page.get_by_label("省", exact=True).fill("江苏省")
    page.get_by_label("地市").fill("南京市")
    page.get_by_label("哪天建立").fill("2026-11-20")
    page.get_by_label("参与各方").fill("保险机构：南京分公司\n某某")
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("参与各方没看懂")
    page.get_by_label("参与各方").fill("保险机构：南京分公司\n服务机构:南京安技\n主管部门：南京市应急管理局")
    page.get_by_role("button", name="登记", exact=True).click()
    page.get_by_role("link", name="南京市第二个机制").click()
    page.get_by_label("日期").fill("2026-11-21")
    page.get_by_label("名称").fill("第一次会商")
    page.get_by_label("内容").fill("商定分工")
    page.get_by_role("button", name="记下").click()
    expect(page.get_by_text("第一次会商")).to_be_visible()
    page.goto(f"{site.url}/staff/regulators")
    expect(page.get_by_role("link", name="生成报送数据")).to_have_count(0)
    page.get_by_role("link", name="记一次评估或检查").click()
    page.get_by_label("监管部门").click()
    page.get_by_role("option", name="南京市应急管理局").click()
    page.get_by_label("文号").fill("宁应急〔2026〕50号")
    page.get_by_label("收到的日子").fill("2026-11-20")
    page.get_by_label("答复期限").fill("2026-11-30")
    page.get_by_label("要求").fill("请提供培训记录")
    page.get_by_role("button", name="记下").click()
    page.get_by_role("link", name="宁应急〔2026〕50号").click()
    page.get_by_label("日期").fill("2026-11-23")
    page.get_by_label("答复内容").fill("材料已报")
    page.get_by_role("button", name="写下").click()
    expect(page.locator(".facts")).to_contain_text("材料已报")
    auditor = colleague("auditor", "/staff/regulators")
    expect(auditor.get_by_role("link", name="登记监管部门")).to_have_count(0)
    auditor.goto(f"{site.url}/staff/regulators/new/authority_new")
    expect(auditor.get_by_text("没有权限")).to_be_visible()
