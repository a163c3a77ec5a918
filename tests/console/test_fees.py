"""The pages of fees (7.3): figures, the ledger, a line entered, held, decided; a payable paid."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect
from sqlalchemy import select

from anze.bookings.models import Service
from anze.fees.models import LedgerEntry, Payable
from anze.identity.models import Branch
from anze.policies.models import Policy
from anze.providers.models import Provider
from tests.browser.provider_site import Site

type Windows = Callable[..., Page]


def a_service(site: Site) -> tuple[str, str, str]:
    """Policy, service and provider of something that was done in Nanjing."""
    with site.db.read() as session:
        found = session.execute(
            select(Policy.number, Service.number, Provider.name)
            .join(Service, Service.policy_id == Policy.id)
            .join(Provider, Provider.id == Service.provider_id)
            .join(Branch, Branch.id == Policy.branch_id)
            .where(Branch.short_name == "南京", Service.status == "completed")
            .limit(1)
        ).one()
        return found[0], found[1], found[2]


def enter(page: Page, policy: str, service: str, payee: str, amount: str = "1,234.50") -> None:
    page.get_by_role("link", name="记一笔支出").click()
    page.get_by_label("保单号").fill(policy)
    page.get_by_label("收款方（全称）").fill(payee)
    page.get_by_label("金额（元）").fill(amount)
    page.get_by_label("服务编号").fill(service.lower())
    page.get_by_label("说明").fill("服务费")
    page.get_by_role("button", name="记账").click()


def test_figures_and_lists(colleague: Windows, site: Site) -> None:
    page = colleague("supervisor", "/staff/fees")
    ratio = page.get_by_role("region", name="支出比例")
    expect(ratio.get_by_role("row")).to_have_count(13)
    expect(ratio).to_contain_text("没有目标")
    expect(ratio).to_contain_text(re.compile(r"还差 [\d,]+\.\d\d 元"))
    expect(page.get_by_role("heading", name="等核实的支出")).to_be_visible()
    page.get_by_label("看哪些").click()
    page.get_by_role("option", name="已冲销").click()
    expect(page.locator("table.grid").last.locator("tbody tr")).to_have_count(1)


def test_a_line_is_entered_and_what_is_wrong_is_said_beside_what_was_typed(colleague: Windows, site: Site) -> None:
    policy, service, provider = a_service(site)
    page = colleague("service", "/staff/fees", width=390, height=844)
    enter(page, policy, service, provider, "一千二")
    expect(page.get_by_role("alert")).to_contain_text("金额没看懂")
    expect(page.get_by_label("收款方（全称）")).to_have_value(provider)
    page.get_by_label("金额（元）").fill("￥1,234.5")
    page.get_by_role("button", name="记账").click()
    expect(page.get_by_role("heading", name=re.compile(r"支出 TZ\d{8}"))).to_be_visible()
    expect(page.locator(".facts")).to_contain_text("1,234.50")
    page.get_by_label("凭证编号").fill("FP2026-1")
    page.get_by_role("button", name="记下").click()
    expect(page.locator(".facts")).to_contain_text("FP2026-1")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_held_line_is_decided_by_another(colleague: Windows, site: Site) -> None:
    policy, service, _ = a_service(site)
    page = colleague("service", "/staff/fees")
    enter(page, policy, service, "南京宏达安全咨询有限公司")
    expect(page.locator(".facts")).to_contain_text("收款方与投保人或被保险人有关系")
    address = page.url
    chief = colleague("supervisor", address.removeprefix(site.url))
    chief.locator("section", has_text="核实没有问题").get_by_label("原因").fill("合同、照片都核对过")
    chief.get_by_role("button", name="计入").click()
    expect(chief.locator(".facts")).to_contain_text("合同、照片都核对过")
    with site.db.read() as session:
        assert session.scalars(select(LedgerEntry).order_by(LedgerEntry.id.desc())).first() is not None


def test_a_payable_is_paid(colleague: Windows, site: Site) -> None:
    page = colleague("service", "/staff/fees")
    page.locator("section", has_text="应付机构的款").get_by_role("link").first.click()
    expect(page.get_by_role("heading", name=re.compile("应付款："))).to_be_visible()
    page.get_by_label("凭证编号").fill("FP2026-2")
    page.get_by_role("button", name="付清并记账").click()
    expect(page.get_by_text("付款日", exact=True)).to_be_visible()
    id_ = int(page.url.rpartition("/")[2])
    with site.db.read() as session:
        assert session.get_one(Payable, id_).paid_entry_id is not None


def test_another_branch_s_line_is_not_there_and_an_auditor_only_reads(colleague: Windows, site: Site) -> None:
    with site.db.read() as session:
        other = session.scalars(
            select(LedgerEntry.id).join(Branch, Branch.id == LedgerEntry.branch_id).where(Branch.short_name == "长沙")
        ).first()
    page = colleague("auditor", "/staff/fees")
    expect(page.get_by_role("link", name="记一笔支出")).to_have_count(0)
    page.goto(f"{site.url}/staff/fees/{other}")
    expect(page.get_by_role("button", name="冲销")).to_have_count(0)
    page = colleague("service")
    page.goto(f"{site.url}/staff/fees/{other}")
    expect(page.locator("body")).to_contain_text("没有找到")


def test_a_target_a_budget_and_a_related_firm_are_set(colleague: Windows, site: Site) -> None:
    page = colleague("supervisor", "/staff/fees", width=390, height=844)
    page.get_by_role("link", name="目标、预算和有关系的单位").click()
    form = page.locator("section", has_text="省级应急管理部门确定的")
    form.get_by_label("省", exact=True).fill("浙江省")
    form.get_by_label("比例").fill("一成五")
    form.get_by_label("文件和文号").fill("浙应急〔2026〕8号")
    form.get_by_role("button", name="定下目标").click()
    expect(form.get_by_role("alert")).to_contain_text("比例要大于 0")
    form.get_by_label("比例").fill("15.5%")
    form.get_by_role("button", name="定下目标").click()
    row = page.locator("tr", has_text="浙应急〔2026〕8号")
    expect(row).to_contain_text("15.50%")
    budget = page.locator("section", has_text="一个机构、一年、一个省写一份")
    budget.get_by_label("省", exact=True).fill("浙江省")
    budget.get_by_label("金额").fill("12万")
    budget.get_by_label("文件和文号").fill("预算1号")
    budget.get_by_role("button", name="定下预算").click()
    expect(page.locator("tr", has_text="预算1号")).to_contain_text("120,000.00")
    related = page.locator("section", has_text="有关系的收款单位")
    related.get_by_label("名称").fill("某关联公司")
    related.get_by_label("什么关系").fill("同一实际控制人")
    related.get_by_role("button", name="登记").click()
    expect(page.locator("tr", has_text="某关联公司")).to_contain_text("同一实际控制人")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    clerk = colleague("service", "/staff/fees")
    expect(clerk.get_by_role("link", name="目标、预算和有关系的单位")).to_have_count(0)
    clerk.goto(f"{site.url}/staff/fees/settings")
    expect(clerk.get_by_text("没有权限")).to_be_visible()
