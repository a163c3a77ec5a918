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
    with httpx.Client(base_url=stack.url, headers={"Authorization": f"Bearer {token}"}, timeout=30) as http:
        started = http.post("/api/sessions/bind", json={"policy_no": POLICY, "phone": PHONE})
        confirmed = http.post("/api/sessions/bind/confirm", json={"code": started.json()["demo_code"]})
        assert confirmed.status_code == 200, confirmed.text
    return page


def choose(page: Page, label: str, option: str | re.Pattern[str]) -> None:
    dialog(page).get_by_label(label).click()
    page.get_by_role("option", name=option).first.click()


def test_from_the_first_words_to_the_request_for_review(window: Windows, own_stack: Stack) -> None:
    life = Life(window, own_stack, bound(window, own_stack))
    life.is_filed()
    head = life.is_accepted_and_given_to_nanjing()
    life.is_classified()
    life.stops_and_goes_on()
    life.is_extended()
    life.is_decided_and_read()
    life.is_asked_to_be_reviewed(head)


class Life:
    """`insured`: the chat page, open all the time, so that what is told is read; `officer`: who handles the case."""

    def __init__(self, window: Windows, stack: Stack, insured: Page) -> None:
        self.window, self.stack, self.insured = window, stack, insured
        self.log = insured.locator("#log")

    def is_filed(self) -> None:
        ask(self.insured, STORY)
        self.insured.get_by_role("button", name="提交投诉").click()
        said = self.insured.get_by_text(re.compile(r"TS20261123\d{3}")).first
        expect(said).to_be_visible()
        found = re.search(r"TS\d{11}", said.inner_text())
        assert found is not None
        self.number = found.group()
        self.path = f"/staff/complaints/{self.number}"

    def is_accepted_and_given_to_nanjing(self) -> Page:
        head = signed_in(self.window, self.stack, "intake", "/staff/")
        head.get_by_label("查编号或单位").fill(self.number)
        head.get_by_role("link", name=self.number).click()
        step(head, "受理")
        confirm(head)
        expect(head.locator(".head")).to_contain_text("处理中")
        expect(self.log).to_contain_text("已受理")
        read_by_complainant(head, "受理")
        step(head, "指派")
        choose(head, "交给谁", re.compile("南京"))
        given = dialog(head).get_by_label("交给谁").input_value()
        confirm(head)
        expect(head.locator(".facts").first).to_contain_text(given.split("（")[0])
        self.officer = signed_in(self.window, self.stack, officer_of(self.stack, head), self.path)
        return head

    def is_classified(self) -> None:
        step(self.officer, "认定复杂").get_by_label("原因").fill("要到两个厂区核实，还要请外部机构看记录。")
        confirm(self.officer)
        expect(self.log).to_contain_text("要到两个厂区核实")
        read_by_complainant(self.officer, "情况复杂")

    def stops_and_goes_on(self) -> None:
        form = step(self.officer, "暂停计时")
        form.get_by_label("外部机构").fill("省安科院")
        form.get_by_label("委托事项").fill("鉴定巡检记录")
        form.get_by_label("委托日").fill("2026-11-23")
        form.get_by_label("预计有结果").fill("2026-12-04")
        confirm(self.officer)
        expect(self.log).to_contain_text("省安科院")
        read_by_complainant(self.officer, "暂停计时")
        expect(self.officer.locator(".head")).to_contain_text("暂停")
        self.stack.move_clock("2026-11-26T10:00:00+08:00")
        self.officer.reload()
        form = step(self.officer, "恢复计时")
        form.get_by_label("结果返回日").fill("2026-11-26")
        form.get_by_label("结果", exact=True).fill("记录属实，当天没有人到场。")
        confirm(self.officer)
        expect(self.log).to_contain_text("继续计时")
        read_by_complainant(self.officer, "恢复计时")
        left_out = "11月24日至11月25日（鉴定、检测或评估期间）"
        expect(self.officer.locator(".clock").first).to_contain_text(left_out)

    def is_extended(self) -> None:
        step(self.officer, "申请延期").get_by_label("原因").fill("还要等第三方补做的检测报告。")
        confirm(self.officer)
        expect(self.officer.locator("#main")).to_contain_text("第 1 次申请延期")
        above = signed_in(self.window, self.stack, "supervisor", "/staff/work")
        waits = above.locator("section", has=above.get_by_role("heading", name=re.compile("延期申请等审批")))
        waits.get_by_role("link", name=self.number).click()
        step(above, "审批延期")
        choose(above, "批不批准", "批准")
        dialog(above).get_by_label("说明").fill("情况属实，同意。")
        confirm(above)
        expect(above.locator("#main")).to_contain_text("已批准：情况属实")
        expect(self.log).to_contain_text("再延长答复时间")
        read_by_complainant(self.officer, "延期")

    def is_decided_and_read(self) -> None:
        form = step(self.officer, "作出决定")
        for name, words in FACTS.items():
            form.get_by_label(name, exact=True).fill(words)
        confirm(self.officer)
        expect(self.log).to_contain_text(FACTS["处理决定"])
        self.insured.get_by_role("button", name="看完整答复").last.click()
        for words in (*FACTS.values(), "救济途径"):
            expect(self.log).to_contain_text(words)
        expect_told(self.officer)

    def is_asked_to_be_reviewed(self, head: Page) -> None:
        ask(self.insured, "你们那个处理我看不上，要求重新查")
        ask(self.insured, "你们只说补做，没说为什么没人来，也没有处理当天的人")
        self.insured.get_by_role("button", name="提交投诉").last.click()
        expect(self.log).to_contain_text(re.compile(r"编号 TS20261126\d{3}"))
        head.goto(f"{self.stack.url}/staff/?q=TS20261126")
        head.locator("tr", has_text="申请核查").get_by_role("link").click()
        expect(head.get_by_role("link", name=self.number)).to_be_visible()


def officer_of(stack: Stack, head: Page) -> str:
    """The login of who handles the case now."""
    jar = {str(one["name"]): str(one["value"]) for one in head.context.cookies()}
    number = head.url.rsplit("/", 1)[1]
    case = httpx.get(f"{stack.url}/api/staff/complaints/{number}", cookies=jar, timeout=30).json()
    return str(case["handler"]["username"])


def expect_told(page: Page) -> None:
    for _ in range(40):
        page.reload()
        expect(page.locator(".head")).to_contain_text("已")
        if "已告知决定" in page.locator(".head").inner_text():
            return
    pytest.fail("the decision was not told by its reading")
