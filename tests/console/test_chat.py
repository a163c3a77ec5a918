"""The assistant's page in a real Chromium, over the whole application with its own Rasa."""

import re
from collections.abc import Callable, Iterator

import httpx
import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from anze.complaints.models import Complaint, ComplaintStatus
from anze.db import Database, make_engine
from tests.browser.test_page import CONTRAST
from tests.helpers.stack import Stack

type Windows = Callable[..., Page]
SIZES = ({"width": 390, "height": 844}, {"width": 1280, "height": 800})
ANSWER_MS = 20_000


@pytest.fixture
def database(stack: Stack) -> Iterator[Database]:
    found = Database(make_engine(stack.settings.database))
    yield found
    found.dispose()


@pytest.fixture
def number(stack: Stack) -> str:
    """A complaint that was written down just now, by the officer whose page is shown."""
    with httpx.Client(base_url=stack.url, timeout=30, trust_env=False) as client:
        login = client.post("/api/staff/login", json={"username": "intake", "password": "demo-anze"}).json()
        body = {
            "source": "visit",
            "received_on": "2026-11-23",
            "story": "说好上周三来做应急演练，一直没有人来。",
            "firm": "丹阳第一铸造厂",
            "contact_phone": "13912340001",
            "reason": "当天来访。",
        }
        headers = {"Authorization": f"Bearer {login['token']}"}
        made = client.post("/api/staff/complaints", json=body, headers=headers)
        assert made.status_code == 201, made.text
        return str(made.json()["number"])


def open_chat(window: Windows, stack: Stack, username: str = "intake", path: str = "/staff/chat", **size: int) -> Page:
    page = window(**size)
    body = {"username": username, "password": "demo-anze"}
    answer = httpx.post(f"{stack.url}/staff/sign-in", json=body, headers={"Origin": stack.url}, timeout=30)
    assert answer.status_code == 200, answer.text
    page.context.add_cookies([{"name": n, "value": v, "url": stack.url} for n, v in answer.cookies.items()])
    page.goto(stack.url + path)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    return page


def say(page: Page, words: str, answer: str | re.Pattern[str]) -> None:
    """Type, send by Enter, and wait for the answer; the line is empty again."""
    line = page.get_by_label("说一句")
    line.fill(words)
    line.press("Enter")
    expect(page.locator(".message.mine").last).to_contain_text(words)
    expect(line).to_have_value("")
    expect(page.locator(".message.bot").last).to_contain_text(answer, timeout=ANSWER_MS)


@pytest.mark.parametrize("size", SIZES, ids=["phone", "desktop"])
def test_a_case_is_looked_at_and_taken_in(
    window: Windows, stack: Stack, database: Database, number: str, size: dict[str, int]
) -> None:
    page = open_chat(window, stack, **size)
    say(page, f"看看{number}", "待受理")
    last = page.locator(".message.bot").last
    expect(last.locator("dt", has_text="标准的日子")).to_be_visible()
    expect(last.get_by_role("link", name="打开这件投诉")).to_have_attribute("href", f"/staff/complaints/{number}")
    last.get_by_role("button", name="受理", exact=True).click()
    sure = page.locator(".message.bot").last
    expect(sure.get_by_role("button", name="确认受理")).to_be_visible(timeout=ANSWER_MS)
    sure.get_by_role("button", name="确认受理").click()
    expect(page.locator(".message.bot").last).to_contain_text("已受理", timeout=ANSWER_MS)
    with database.read() as session:
        case = session.scalars(select(Complaint).where(Complaint.number == number)).one()
        assert case.status == ComplaintStatus.HANDLING
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page scrolls sideways"
    assert page.evaluate(CONTRAST) == []
    page.reload()
    expect(page.locator(".message.mine").first).to_contain_text(number)


def test_lists_clauses_and_the_way_to_the_decision(window: Windows, stack: Stack, number: str) -> None:
    page = open_chat(window, stack)
    say(page, "投诉几天要答复", "15个工作日")
    clauses = page.locator(".message.bot").last.locator("details", has_text="条款原文")
    clauses.locator("summary").click()
    expect(clauses).to_contain_text("6.4 a)")
    say(page, "我手上有哪些投诉", "您手上")
    say(page, f"{number}出处理决定", "决定要您在管理页面里写")
    page.locator(".message.bot").last.get_by_role("link", name="去写处理决定").click()
    form = page.locator(".q-dialog .dialog")
    expect(form.get_by_role("heading", name="作出决定")).to_be_visible()
    expect(form.get_by_label("核实情况")).to_have_value(re.compile("一直没有人来"))
    expect(form.get_by_label("处理决定")).to_have_value("")


def test_words_that_cannot_be_kept_stay_in_the_line(window: Windows, stack: Stack) -> None:
    page = open_chat(window, stack)
    long = "长" * 20_001
    line = page.get_by_label("说一句")
    line.fill(long)
    line.press("Enter")
    expect(page.get_by_text("这条消息太长了")).to_be_visible()
    expect(line).to_have_value(long)


def test_a_list_is_asked_on_in_the_chat_and_back(window: Windows, stack: Stack) -> None:
    page = open_chat(window, stack, "supervisor", "/staff/duties/archived?sector=mine&part=overdue")
    page.get_by_role("button", name="在助手里接着问").click()
    page.wait_for_url("**/staff/chat")
    answer = page.locator(".message.bot").last
    expect(answer).to_contain_text("矿山，要的是逾期", timeout=ANSWER_MS)
    say(page, "只看大同的", "大同，到今天为止的")
    expect(page.locator(".message.bot").last).to_contain_text("矿山，要的是逾期")
    page.get_by_role("link", name="看整张清单").last.click()
    page.wait_for_url("**/staff/duties/archived?*")
    expect(page.locator(".understood")).to_contain_text("大同")
    expect(page.locator(".understood")).to_contain_text("矿山，要的是逾期")


_LATE = """() => {
  const from = Date.now();
  let done = false;
  const connected = {get: () => done && Date.now() - from > 3000, set: (it) => { done = it; }};
  Object.defineProperty(window, "did_handshake", connected);
}"""
"""The page is connected three seconds after it is shown, as on a bad line"""


def test_what_is_typed_and_sent_before_the_page_is_connected_arrives_whole(window: Windows, stack: Stack) -> None:
    page = open_chat(window, stack)
    page.add_init_script(f"({_LATE})()")
    page.reload()
    words = "我手上有哪些投诉"
    line = page.get_by_label("说一句")
    line.press_sequentially(words, delay=23)
    line.press("Enter")
    expect(page.locator(".message.mine").last).to_have_text(re.compile(f"{words}$"))
    expect(line).to_have_value("")


def test_the_page_is_among_the_others_and_an_auditor_may_ask(window: Windows, stack: Stack, number: str) -> None:
    page = open_chat(window, stack, "auditor", "/staff/")
    page.get_by_role("navigation").get_by_role("link", name="助手").click()
    say(page, f"看看{number}", "待受理")
    expect(page.locator(".message.bot").last.get_by_role("button")).to_have_count(0)
