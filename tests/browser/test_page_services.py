"""A firm books a service in the page, sees the other side's word and a reminder come live, and rates what was done."""

import os
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from anze.bookings.models import Service, ServiceStatus
from anze.conversations.models import Conversation
from anze.db import Database, make_engine
from anze.reminders.models import Reminder
from tests.browser.test_page_exchange import OUT, ask, begin
from tests.conversations.firms import KINDS, firms_of
from tests.helpers.rows import Row
from tests.helpers.stack import Stack


@pytest.fixture(scope="module")
def database(stack: Stack) -> Iterator[Database]:
    opened = Database(make_engine(stack.settings.database))
    yield opened
    opened.dispose()


@pytest.fixture(scope="module")
def bookers(database: Database) -> list[Row]:
    """From the end of the list: the conversations take from its beginning."""
    return firms_of(database, *KINDS["booker"])[::-1]


@pytest.fixture
def manager(stack: Stack) -> Iterator[httpx.Client]:
    """A supervisor of the head office, who may arrange services everywhere."""
    with httpx.Client(base_url=stack.url, timeout=30, trust_env=False) as client:
        login = client.post("/api/staff/login", json={"username": "supervisor", "password": "demo-anze"}).json()
        client.headers["Authorization"] = f"Bearer {login['token']}"
        yield client


def bind(page: Page, firm: Row) -> None:
    ask(page, f"绑定保单 {firm['policy']} {firm['phone']}")
    code = re.search(r"：(\d{6})", page.locator("#log").inner_text())
    assert code is not None
    ask(page, code[1])
    expect(page.locator("header")).to_contain_text(firm["firm"])


def book(page: Page, when: str) -> str:
    """Book a hazard check; gives its number."""
    ask(page, f"{when}想请人来厂里看看有没有隐患")
    page.get_by_role("button", name="确认预约").click()
    number = page.get_by_text(re.compile(r"约好了，编号 FW\d{11}")).first
    expect(number).to_be_visible()
    found = re.search(r"FW\d{11}", number.inner_text())
    assert found is not None
    return found[0]


def keep(page: Page, name: str) -> None:
    if folder := os.environ.get("ANZE_PICTURES"):
        page.wait_for_timeout(500)
        page.screenshot(path=Path(folder, name))


def act(manager: httpx.Client, number: str, what: str, **body: Any) -> None:
    version = manager.get(f"/api/staff/bookings/{number}").json()["version"]
    answer = manager.post(f"/api/staff/bookings/{number}/{what}", json={"version": version, **body})
    assert answer.is_success, answer.text


def test_a_booking_and_the_providers_word_on_it(
    page: Page, page_server: str, bookers: list[Row], manager: httpx.Client
) -> None:
    begin(page, page_server)
    bind(page, bookers[0])
    number = book(page, "下周三上午")
    expect(page.locator("#log")).to_contain_text("2026-12-02（周三）")
    keep(page, "booking-phone.png")
    before = page.locator(OUT).count()
    act(manager, number, "confirm")
    expect(page.locator(OUT)).to_have_count(before + 1)
    expect(page.locator(OUT).last).to_contain_text("已经确认")


def test_a_reminder_appears_by_itself_and_its_answer_finds_the_service(
    page: Page, page_server: str, bookers: list[Row], database: Database, stack: Stack
) -> None:
    begin(page, page_server)
    bind(page, bookers[1])
    number = book(page, "下周四上午")
    before = page.locator(OUT).count()
    with database.write() as session:  # what the clock would bring: the reminder of three days before is due now
        waiting = session.scalars(
            select(Reminder).where(Reminder.kind == "booking_visit").order_by(Reminder.id.desc()).limit(1)
        ).one()
        talk = session.scalars(select(Conversation).order_by(Conversation.created_at.desc()).limit(1)).one()
        waiting.send_at = talk.created_at - timedelta(minutes=1)
    expect(page.locator(OUT)).to_have_count(before + 1)
    expect(page.locator(OUT).last).to_contain_text(number)
    keep(page, "reminder-phone.png")
    ask(page, "好的，改到周五上午吧")
    page.get_by_role("button", name="确认预约").last.click()
    expect(page.locator("#log")).to_contain_text(f"改好了，{number}")


def test_a_service_that_is_done_is_rated_in_two_presses_and_a_sentence(
    page: Page, page_server: str, bookers: list[Row], manager: httpx.Client, database: Database
) -> None:
    begin(page, page_server)
    bind(page, bookers[2])
    number = book(page, "今天下午")
    act(manager, number, "confirm")
    with database.write() as session:  # the provider's people check in, on a page of their own
        service = session.scalars(select(Service).where(Service.number == number)).one()
        service.started_at, service.status = service.provider_confirmed_at, ServiceStatus.ONGOING
    act(manager, number, "complete", completed_on="2026-11-23", report_no="BG20261123-1", process="逐处查看，当场告知")
    expect(page.locator("#log")).to_contain_text("做完了")
    ask(page, "我要评价")
    page.get_by_role("button", name="4 满意").click()
    expect(page.locator(OUT).last).to_contain_text("说一两句")
    ask(page, "看得细，就是来得晚了点")
    expect(page.locator("#log")).to_contain_text("4分，「看得细，就是来得晚了点」")
    keep(page, "rating-phone.png")
