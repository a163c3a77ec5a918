"""Writing a complaint down: duplicates before it is saved, nothing typed is lost, few fields and keys."""

import re
from collections.abc import Callable

import httpx
from playwright.sync_api import Page, expect
from sqlalchemy import select

from anze.complaints.models import Complaint, ComplaintStatus, Evidence
from tests.browser.provider_site import Site
from tests.console.insured import STORY, Insured
from tests.console.test_console import case_of
from tests.helpers.gateway import PNG

type Windows = Callable[..., Page]
POLICY, PHONE = "AZ2026000001", "13800000001"


def test_who_complained_before_is_found_while_typing_and_merged_in_one_press(
    window: Windows, colleague: Windows, site: Site
) -> None:
    told = Insured.at(site, window(390, 844), POLICY, PHONE).complains()
    page = colleague("intake", "/staff/register")
    page.get_by_label("事情经过").fill("说好上周二来查隐患，等了一天没人来，打电话也没人接，现在打电话来问")
    likely = page.locator("section", has=page.get_by_role("heading", name="可能已经登记过"))
    expect(likely.locator("li", has_text=told)).to_be_visible()
    into = likely.get_by_role("button", name=f"登记并并入 {told}")
    expect(into).to_have_count(0), "by words alone it is shown, and not merged into another firm's"
    page.get_by_label("保单号", exact=True).fill(POLICY.lower())
    expect(page.locator(".form")).to_contain_text("保单单位：")
    expect(into).to_be_visible()
    page.get_by_label("投诉人姓名").fill("周工")
    into.click()
    page.wait_for_url(f"**/staff/complaints/{told}")
    with site.db.read() as session:
        kept = case_of(site, told)
        merged = session.scalars(select(Complaint).where(Complaint.merged_into_id == kept.id)).one()
        assert (merged.status, merged.contact_name) == (ComplaintStatus.MERGED, "周工")


def test_what_was_typed_survives_an_error_and_a_reload_and_is_gone_when_it_is_registered(
    colleague: Windows, site: Site
) -> None:
    page = colleague("intake", "/staff/register", width=390, height=844)
    story = page.get_by_label("事情经过")
    story.fill("培训的老师迟到一个小时，讲了二十分钟就走，签到表是后来补的")
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.locator(".trouble")).not_to_be_empty()
    expect(story).to_have_value(re.compile("培训的老师"))
    page.get_by_label("投诉人姓名").fill("何师傅")
    page.get_by_label("来信、照片等").set_input_files({"name": "签到表.png", "mimeType": "image/png", "buffer": PNG})
    expect(page.locator(".form li")).to_contain_text("签到表.png")
    page.reload()
    expect(story).to_have_value(re.compile("培训的老师"))
    expect(page.get_by_label("投诉人姓名")).to_have_value("何师傅")
    expect(page.locator(".form li")).to_contain_text("签到表.png")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390

    other = page.context.new_page()
    other.goto(site.url + "/staff/register")
    other.wait_for_timeout(1000)
    expect(other.get_by_label("事情经过")).to_have_value("")
    other.close()

    page.get_by_role("button", name="登记", exact=True).click()
    saved = page.get_by_role("heading", name=re.compile("已登记，编号"))
    expect(saved).to_be_visible()
    number = re.search(r"TS\d+", saved.inner_text())
    assert number is not None
    with site.db.read() as session:
        case = case_of(site, number.group())
        assert session.scalars(select(Evidence).where(Evidence.complaint_id == case.id)).one()
    page.get_by_role("link", name="再登记一件").click()
    page.wait_for_timeout(1000)
    expect(page.get_by_label("事情经过")).to_have_value("")
    page.goto(f"{site.url}/staff/complaints/{number.group()}")
    address = page.get_by_role("link", name="签到表.png").get_attribute("href")
    for username in ("intake", "supervisor"):
        reader = colleague(username)
        jar = {str(one["name"]): str(one["value"]) for one in reader.context.cookies()}
        loaded = httpx.get(f"{site.url}{address}", cookies=jar, timeout=30)
        assert (loaded.status_code, loaded.content) == (200, PNG), username


def test_what_one_typed_is_not_shown_to_who_signs_in_next(colleague: Windows, site: Site) -> None:
    page = colleague("intake", "/staff/register")
    page.get_by_label("事情经过").fill("这是上一位同事打了一半的内容，不能给别人看")
    page.wait_for_timeout(600)
    page.get_by_role("button", name="退出").click()
    expect(page.get_by_role("button", name="登录", exact=True)).to_be_enabled()
    page.get_by_label("用户名").fill("supervisor")
    page.get_by_label("密码").fill("demo-anze")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="退出")).to_be_visible()
    page.goto(site.url + "/staff/register")
    page.wait_for_timeout(1000)
    expect(page.get_by_label("事情经过")).to_have_value("")


def test_a_call_is_written_down_with_four_fields_and_few_keys(colleague: Windows, site: Site) -> None:
    page = colleague("intake", "/staff/register")
    shown = page.locator(".form input:visible, .form textarea:visible").count()
    page.get_by_label("事情经过").focus()
    keys = 0
    for words in (STORY + "，下午又打来一次", "周工", "13911112222", POLICY):
        page.keyboard.type(words)
        page.keyboard.press("Tab")
        keys += len(words) + 1
    expect(page.locator(".form")).to_contain_text("保单单位：")
    page.get_by_role("button", name="登记", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=re.compile("已登记，编号"))).to_be_visible()
    # At a slow clerk's two keys a second; the received day and the way it came are filled in.
    assert (shown, keys) == (7, len(STORY) + 8 + 2 + 11 + 12 + 4), (shown, keys)
    assert keys / 2 < 60
