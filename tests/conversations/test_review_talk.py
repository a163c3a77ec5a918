"""The insured asks for a review of a decision in words: one clear decision is asked about, and a yes begins it."""

from datetime import datetime

import httpx
import pytest
from sqlalchemy import select

from anze.clock import SHANGHAI
from anze.complaints.models import Complaint, ComplaintForm
from anze.db import Database
from tests.conversations.firms import Firms
from tests.helpers.talk import Talk

FOUND = {
    "findings": "机构当天没有到场。",
    "basis": "服务合同第5条。",
    "reasons": "没有到场是机构的责任。",
    "outcome": "两周内补做一次。",
}


@pytest.fixture
def decided(client: httpx.Client, unused_firms: Firms) -> tuple[Talk, str]:
    """A bound person who has read the decision on a complaint of the firm, and its number."""
    firm = unused_firms.take("plain")
    talk = Talk.visitor(client)
    talk.bind(firm["policy"], firm["phone"])
    now = datetime.fromisoformat(talk.call("GET", "/api/sessions/me").json()["demo"]["now"])
    token = client.post("/api/staff/login", json={"username": "supervisor", "password": "demo-anze"}).json()["token"]
    chief = Talk(client, token)
    body = {
        "source": "letter",
        "received_on": now.astimezone(SHANGHAI).date().isoformat(),
        "story": "约好的演练没有人来。",
        "policy_no": firm["policy"],
        "contact_phone": firm["phone"],
    }
    number = str(_done(chief, "/api/staff/complaints", **body)["number"])
    path = f"/api/staff/complaints/{number}"
    _done(chief, f"{path}/accept", version=_version(chief, path))
    _done(chief, f"{path}/decide", version=_version(chief, path), **FOUND)
    assert "两周内补做一次" in talk.say(f"{number}的处理决定给我看看").text
    return talk, number


def _done(colleague: Talk, path: str, **body: object) -> dict[str, object]:
    answer = colleague.call("POST", path, json=body)
    assert answer.is_success, answer.text
    made: dict[str, object] = answer.json()
    return made


def _version(colleague: Talk, path: str) -> int:
    return int(colleague.call("GET", path).json()["version"])


def _reviews(database: Database, number: str) -> list[str]:
    with database.read() as session:
        old = select(Complaint.id).where(Complaint.number == number).scalar_subquery()
        return list(session.scalars(select(Complaint.form).where(Complaint.follows_id == old)))


@pytest.mark.parametrize("yes", ["好的", "press"])
def test_who_asks_for_it_is_asked_back_once_and_then_it_begins(
    decided: tuple[Talk, str], yes: str, stack_database: Database
) -> None:
    talk, number = decided
    asked = talk.say("我要申请核查")
    assert number in asked.text, talk.shown()
    assert asked.buttons == ["申请核查", "看看各种途径", "先不申请"], talk.shown()
    assert _reviews(stack_database, number) == []
    begun = talk.press("申请核查") if yes == "press" else talk.say(yes)
    assert "核查申请" in begun.text, talk.shown()
    assert "哪里不认可" in begun.text, talk.shown()
    assert _reviews(stack_database, number) == [ComplaintForm.REVIEW]


def test_who_says_no_or_only_asks_about_it_begins_nothing(decided: tuple[Talk, str], stack_database: Database) -> None:
    talk, number = decided
    assert number in talk.say("这个决定我要申请核查").text
    assert "先不申请" in talk.say("不了").text, talk.shown()
    ways = talk.say("怎么申请核查")
    assert any(message.get("table") for message in ways.messages), talk.shown()
    assert _reviews(stack_database, number) == []
