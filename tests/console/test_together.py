"""Colleagues at one case: they see each other, also through two processes; canned answers in a talk."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from anze.clock import Clock
from anze.conversations.models import Message
from anze.conversations.usecases import go_on
from anze.identity.models import Staff
from tests.browser.provider_site import Site
from tests.console.conftest import NOW
from tests.console.insured import Insured
from tests.console.site import serving

type Windows = Callable[..., Page]


@pytest.fixture(scope="module")
def second(site: Site) -> Iterator[Site]:
    """Another process: the same database, a hub of its own."""
    with serving(site.services.settings.data, Clock(NOW)) as started:
        yield started


@pytest.fixture(scope="module")
def names(site: Site) -> dict[str, str]:
    with site.db.read() as session:
        return {row.username: row.name for row in session.scalars(select(Staff))}


def test_who_opens_a_case_or_writes_in_a_talk_is_seen_by_the_others(
    window: Windows, colleague: Windows, site: Site, second: Site, names: dict[str, str]
) -> None:
    insured = Insured.at(site, window(390, 844), "AZ2026000001", "13800000001")
    number = insured.complains()
    insured.asks_for_a_person()
    one = colleague("intake", f"/staff/complaints/{number}")
    expect(one.get_by_label("回复投诉人")).to_be_visible()
    expect(one.locator(".sign")).to_have_count(0)

    other = colleague("supervisor", f"/staff/complaints/{number}", at=second)
    also = f"{names['intake']} 也打开了这件投诉"
    expect(other.get_by_text(also)).to_be_visible()
    expect(one.get_by_text(f"{names['supervisor']} 也打开了这件投诉")).to_be_visible()

    writes = f"{names['supervisor']} 正在回复"
    other.get_by_label("回复投诉人").press_sequentially("您好")
    expect(one.get_by_text(writes)).to_be_visible()
    expect(one.get_by_text(writes)).to_be_hidden()
    assert names["supervisor"] not in insured.page.content()

    other.get_by_label("回复投诉人").press_sequentially("，我来看")
    expect(one.get_by_text(writes)).to_be_visible()
    other.get_by_role("button", name="发送").click()
    expect(one.get_by_text(writes)).to_be_hidden()
    other.goto(second.url + "/staff/figures")
    expect(one.get_by_text("也打开了")).to_have_count(0)
    expect(one.locator(".talk")).to_contain_text("我来看")


def test_a_canned_answer_is_put_into_the_box_and_sent_by_the_colleague_alone(
    window: Windows, colleague: Windows, site: Site
) -> None:
    insured = Insured.at(site, window(390, 844), "AZ2026000002", "13800000002")
    number = insured.complains()
    insured.asks_for_a_person()
    page = colleague("intake", f"/staff/complaints/{number}", width=390, height=844)
    page.get_by_label("回复投诉人").fill("您好。")
    page.get_by_label("常用答复").click()
    page.get_by_role("option", name="投诉已登记").click()
    box = page.get_by_label("回复投诉人")
    expect(box).to_have_value(
        re.compile(rf"^您好。\n您的投诉已经登记，编号 {number}。.*2026-12-14（周一）.*2026-12-08（周二）")
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= 390

    def said() -> list[str]:
        with site.db.read() as session:
            mine = Message.conversation_id == insured.conversation_id
            return list(session.scalars(select(Message.text).where(mine, Message.sender == "staff")))

    assert said() == []
    box.press("End")
    box.press_sequentially("有事说。")
    page.get_by_role("button", name="发送").click()
    expect(box).to_have_value("")
    (sent,) = said()
    assert sent.endswith("有事说。")
    expect(insured.page.locator("#log")).to_contain_text(number)


def test_a_talk_that_the_bot_answers_meanwhile_waits_among_the_others(
    window: Windows, colleague: Windows, site: Site
) -> None:
    insured = Insured.at(site, window(390, 844), "AZ2026000001", "13800000001")
    insured.asks_for_a_person()
    with site.db.write() as session:
        go_on(session, insured.conversation_id)
    page = colleague("intake", "/staff/work")
    expect(page.locator("li", has_text="机器人先答着").first).to_be_visible()
    page.goto(f"{site.url}/staff/talks/{insured.conversation_id}")
    expect(page.locator("#main")).to_contain_text("机器人先答着")
    page.get_by_label("回复投诉人").fill("早上好，看到了。")
    page.get_by_role("button", name="发送").click()
    expect(page.locator("#main")).to_contain_text("同事正在回答")


def test_supervisors_keep_the_canned_answers(colleague: Windows, site: Site) -> None:
    page = colleague("supervisor", "/staff/answers", width=390, height=844)
    page.get_by_role("button", name="写一条").click()
    form = page.locator(".q-dialog .dialog")
    form.get_by_role("button", name="保存").click()
    expect(form.get_by_role("alert")).to_contain_text("标题、内容")
    form.get_by_label("标题").fill("材料收到")
    form.get_by_label("内容").fill("材料收到了，我们保证给您满意的结果。")
    form.get_by_role("button", name="保存").click()
    expect(form.get_by_role("alert")).to_contain_text("保证")
    form.get_by_label("内容").fill("{编号} 的材料收到了，正在看。")
    form.get_by_role("button", name="保存").click()
    expect(form).to_be_hidden()
    mine = page.locator("article", has_text="材料收到")
    expect(mine).to_contain_text("正在看")
    mine.get_by_role("button", name="修改").click()
    form.get_by_label("内容").fill("{编号} 的材料都收到了。")
    form.get_by_role("button", name="保存").click()
    expect(mine).to_contain_text("都收到了")
    mine.get_by_role("button", name="删除").click()
    expect(page.locator("article", has_text="材料收到")).to_have_count(0)
    reader = colleague("intake", "/staff/answers")
    expect(reader.locator("article", has_text="节假日安排")).to_be_visible()
    expect(reader.get_by_role("button", name="写一条")).to_have_count(0)
    expect(reader.get_by_role("button", name="修改")).to_have_count(0)
    expect(reader.get_by_role("link", name="常用答复")).to_have_count(0)
