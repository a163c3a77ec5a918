"""One complaint from its first words in the chat to the request for review: the real page, Rasa and console."""

import re
from collections.abc import Callable, Iterator

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_page_exchange import ask, begin
from tests.conftest import NOW
from tests.console.test_console import FACTS, confirm, dialog, read_by_complainant, step
from tests.helpers.stack import Stack, running

type Windows = Callable[..., Page]
POLICY, PHONE = "AZ2026000001", "13800000001"
STORY = "上周二约好来查隐患，等了一天没人来，打电话也不接"


@pytest.fixture(scope="module")
def own_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Its clock is moved on by some days, which no other test must see."""
    with running(tmp_path_factory.mktemp("life"), NOW.isoformat()) as started:
        yield started


def signed_in(window: Windows, stack: Stack, username: str, path: str) -> Page:
    page = window()
    page.goto(stack.url + path)
    expect(page.get_by_role("button", name="登录", exact=True)).to_be_enabled()
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码").fill("demo-anze")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="退出")).to_be_visible()
    return page


def bound(window: Windows, stack: Stack) -> Page:
    page = window(390, 844)
    begin(page, stack.url)
    token = page.evaluate("JSON.parse(localStorage.getItem('anze.session')).token")
    with httpx.Client(base_url=stack.url, headers={"Authorization": f"Bearer {token}"}) as http:
        started = http.post("/api/sessions/bind", json={"policy_no": POLICY, "phone": PHONE})
        confirmed = http.post("/api/sessions/bind/confirm", json={"code": started.json()["demo_code"]})
        assert confirmed.status_code == 200, confirmed.text
    return page


def choose(page: Page, label: str, option: str | re.Pattern[str]) -> None:
    dialog(page).get_by_label(label).click()
    page.get_by_role("option", name=option).first.click()


def test_from_the_first_words_to_the_request_for_review(window: Windows, own_stack: Stack) -> None:
    stack, insured = own_stack, bound(window, own_stack)
    log = insured.locator("#log")
    ask(insured, STORY)
    insured.get_by_role("button", name="提交投诉").click()
    number = insured.get_by_text(re.compile(r"TS20261123\d{3}")).first
    expect(number).to_be_visible()
    found = re.search(r"TS\d{11}", number.inner_text())
    assert found is not None
    path = f"/staff/complaints/{found.group()}"

    head = signed_in(window, stack, "intake", "/staff/")
    head.get_by_label("查编号或单位").fill(found.group())
    head.get_by_role("link", name=found.group()).click()
    step(head, "受理")
    confirm(head)
    expect(head.locator(".head")).to_contain_text("处理中")
    expect(log).to_contain_text("已受理")
    read_by_complainant(head, "受理")
    step(head, "指派")
    choose(head, "交给谁", re.compile("南京"))
    given = dialog(head).get_by_label("交给谁").input_value()
    confirm(head)
    expect(head.locator(".facts").first).to_contain_text(given.split("（")[0])

    officer = signed_in(window, stack, officer_of(stack, head), path)
    step(officer, "认定复杂").get_by_label("原因").fill("要到两个厂区核实，还要请外部机构看记录。")
    confirm(officer)
    expect(log).to_contain_text("要到两个厂区核实")
    read_by_complainant(officer, "情况复杂")

    form = step(officer, "暂停计时")
    form.get_by_label("外部机构").fill("省安科院")
    form.get_by_label("委托事项").fill("鉴定巡检记录")
    form.get_by_label("委托日").fill("2026-11-23")
    form.get_by_label("预计有结果").fill("2026-12-04")
    confirm(officer)
    expect(log).to_contain_text("省安科院")
    read_by_complainant(officer, "暂停计时")
    expect(officer.locator(".head")).to_contain_text("暂停")
    stack.move_clock("2026-11-26T10:00:00+08:00")
    officer.reload()
    form = step(officer, "恢复计时")
    form.get_by_label("结果返回日").fill("2026-11-26")
    form.get_by_label("结果", exact=True).fill("记录属实，当天没有人到场。")
    confirm(officer)
    expect(log).to_contain_text("继续计时")
    read_by_complainant(officer, "恢复计时")
    expect(officer.locator(".clock").first).to_contain_text("11月24日至11月25日（鉴定、检测或评估期间）")

    step(officer, "申请延期").get_by_label("原因").fill("还要等第三方补做的检测报告。")
    confirm(officer)
    expect(officer.locator("#main")).to_contain_text("第 1 次申请延期")
    supervisor = signed_in(window, stack, "supervisor", "/staff/work")
    waits = supervisor.locator("section", has=supervisor.get_by_role("heading", name=re.compile("延期申请等审批")))
    waits.get_by_role("link", name=found.group()).click()
    step(supervisor, "审批延期")
    choose(supervisor, "批不批准", "批准")
    dialog(supervisor).get_by_label("说明").fill("情况属实，同意。")
    confirm(supervisor)
    expect(supervisor.locator("#main")).to_contain_text("已批准：情况属实")
    expect(log).to_contain_text("再延长答复时间")
    read_by_complainant(officer, "延期")

    form = step(officer, "作出决定")
    for name, words in FACTS.items():
        form.get_by_label(name, exact=True).fill(words)
    confirm(officer)
    expect(log).to_contain_text(FACTS["处理决定"])
    expect(log).to_contain_text("救济途径")
    expect_told(officer)

    ask(insured, "我不服这个处理决定，申请核查")
    ask(insured, "你们只说补做，没说为什么没人来，也没有处理当天的人")
    insured.get_by_role("button", name=re.compile("提交")).last.click()
    expect(log.get_by_text(re.compile(r"核查.*TS20261126\d{3}|TS20261126\d{3}.*核查", re.DOTALL)).first).to_be_visible()
    head.goto(stack.url + "/staff/")
    head.get_by_label("查编号或单位").fill("TS20261126")
    row = head.locator("tr", has_text="申请核查")
    row.get_by_role("link").click()
    expect(head.get_by_role("link", name=found.group())).to_be_visible()


def officer_of(stack: Stack, head: Page) -> str:
    """The login of who handles the case now."""
    jar = {str(one["name"]): str(one["value"]) for one in head.context.cookies()}
    number = head.url.rsplit("/", 1)[1]
    case = httpx.get(f"{stack.url}/api/staff/complaints/{number}", cookies=jar).json()
    return str(case["handler"]["username"])


def expect_told(page: Page) -> None:
    for _ in range(40):
        page.reload()
        expect(page.locator(".head")).to_contain_text("已")
        if "已告知决定" in page.locator(".head").inner_text():
            return
    pytest.fail("the decision was not told by its reading")
