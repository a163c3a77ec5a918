"""A service plan in the console: begun, completed, offered, signed on paper (6.1)."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.photo import PHOTO
from tests.browser.provider_site import Site
from tests.console.conftest import pictured

type Windows = Callable[..., Page]


def test_a_plan_is_written_offered_and_signed(colleague: Windows, site: Site) -> None:
    page = colleague("service", "/staff/plans", width=390, height=844)
    page.get_by_label("保单号").fill("az2026000001")
    page.get_by_role("button", name="开始写").click()
    expect(page.get_by_role("heading", name="起草中")).to_be_visible()
    page.get_by_role("button", name="发给被保险人确认").click()
    expect(page.get_by_role("alert").last).to_contain_text("还缺")
    page.get_by_label("预期目标").fill("全年无死亡事故")
    for label in ("培训方式", "培训内容（课件）", "场次", "培训人员类型", "培训人员数量", "培训目的", "排查范围",
                  "主要设施设备", "工艺流程", "排查重点", "预期效果", "演练方式", "演练范围", "演练类型", "服务机构",
                  "服务频次", "服务名称", "服务种类", "服务方式", "服务范围", "涉及人员", "主要目的", "辨识范围",
                  "预计存在的风险类型", "主要措施"):  # fmt: skip
        for field in page.get_by_label(label, exact=True).all():
            if not field.input_value():
                field.fill(f"{label}写好了")
    with page.expect_navigation():  # what is saved is shown anew, and what was folded out is folded in again
        page.get_by_role("button", name="保存", exact=True).first.click()
    expect(page.get_by_label("预期目标")).to_have_value("全年无死亡事故")
    page.get_by_text("企业情况 ·").first.click()
    page.get_by_label("经营业务特点").first.fill("危化品储存")
    page.locator("details", has_text="企业情况").first.get_by_role("button", name="保存").click()
    expect(page.locator("section", has_text="还缺").first).not_to_contain_text("经营业务特点")
    pictured(page, "plan-phone")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name="发给被保险人确认").click()
    expect(page.get_by_role("heading", name="等被保险人确认")).to_be_visible()
    page.get_by_label("日期").fill("2026-11-23")
    page.locator("input[type=file]").set_input_files(PHOTO)
    expect(page.get_by_text("已传：")).to_be_visible()
    page.get_by_role("button", name="记下").click()
    expect(page.get_by_role("heading", name="已确认")).to_be_visible()
    pictured(page, "plan-confirmed-phone")
    auditor = colleague("auditor", page.url.removeprefix(site.url))
    expect(auditor.get_by_role("button", name="出下一版")).to_have_count(0)


def test_an_item_is_added_and_taken_away_and_nothing_typed_is_lost(colleague: Windows, site: Site) -> None:
    page = colleague("service", "/staff/plans")
    page.get_by_label("保单号").fill("AZ2026000001")
    page.get_by_role("button", name="开始写").click()
    page.get_by_label("预期目标").fill("先写的目标")
    before = page.get_by_label("服务种类").count()
    page.get_by_role("button", name="科技创新").click()
    expect(page.get_by_label("服务种类")).to_have_count(before + 1)
    expect(page.get_by_label("预期目标")).to_have_value("先写的目标")
    page.get_by_label("服务种类").last.fill("报警器")
    page.get_by_role("button", name="去掉这一项").last.click()
    expect(page.get_by_label("服务种类")).to_have_count(before)
    expect(page.get_by_label("预期目标")).to_have_value("先写的目标")
    pictured(page, "plan")
