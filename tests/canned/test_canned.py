"""Canned answers: inherited downwards, filled from the case, changed by who may, never a promise."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from anze.canned.defaults import load_canned
from anze.canned.rules import Answer, Placeholder, filled, nearest, promises, unknown
from anze.conversations.models import Message
from anze.conversations.usecases import hand_off
from anze.identity.models import Branch, DeniedRead, Role
from anze.settings import Settings
from tests.conftest import NOW
from tests.helpers.complainant import Talk
from tests.helpers.gateway import Gateway
from tests.helpers.staffing import PASSWORD, hire

BASE = "/api/staff/canned-answers"
DEFAULTS = load_canned(Settings().knowledge)


@pytest.mark.parametrize("answer", DEFAULTS, ids=lambda one: one.title)
def test_what_comes_with_the_program_can_be_filled_and_promises_nothing(answer: Answer) -> None:
    assert unknown(answer.text) == []
    assert promises(answer.text) == []
    assert len(answer.title) <= 60
    assert filled(answer.text, dict.fromkeys(Placeholder, "值"))
    assert "{" not in str(filled(answer.text, dict.fromkeys(Placeholder, "值")))


def test_titles_are_one_each() -> None:
    titles = [one.title for one in DEFAULTS]
    assert len(set(titles)) == len(titles)


def test_a_value_is_never_read_as_a_placeholder_and_a_missing_one_leaves_the_answer_out() -> None:
    assert filled("{编号}，{热线}", {"编号": "{热线}", "热线": "95500"}) == "{热线}，95500"
    assert filled("{编号}", {"编号": ""}) is None
    assert filled("没有空格", {}) == "没有空格"
    assert unknown("{姓名}{编号}") == ["姓名"]
    assert unknown("{编号") == ["{"]
    assert promises("我们保证、一定会赔") == ["保证", "一定会"]
    assert promises("我们不保证结果") == []


def test_the_lowest_branch_s_answer_holds() -> None:
    top = Answer("甲", "总", depth=1)
    assert nearest([Answer("甲", "程序"), Answer("乙", "程序"), top, replace(top, text="市", depth=3)]) == [
        Answer("甲", "市", depth=3), Answer("乙", "程序"),
    ]  # fmt: skip


async def _talk(gateway: Gateway, *, files: bool = True) -> tuple[str, str]:
    """A talk in Nanjing that waits for a person: its id, and its case's number."""
    caller = await gateway.bound()
    number = ""
    if files:
        talk = Talk(caller)
        await talk.open()
        number = str((await talk.submit())["fields"]["number"])
    with gateway.db.write() as session:
        hand_off(session, caller.conversation_id, "asked", NOW)
    return caller.conversation_id, number


async def test_they_are_filled_from_the_case_and_nothing_is_sent(demo_gateway: Gateway) -> None:
    gateway = demo_gateway
    talk, number = await _talk(gateway)
    officer = await gateway.staff("intake")
    before = len((await officer.get(f"/api/staff/conversations/{talk}/messages")).json()["items"])
    path = f"/api/staff/conversations/{talk}/canned-answers"
    found = {one["title"]: one for one in (await officer.get(path)).json()["items"]}
    case = (await officer.get(f"/api/staff/complaints/{number}")).json()
    said = found["投诉已登记"]["text"]
    assert number in said
    assert case["due_on"] in said
    assert case["second_due_on"] in said
    assert found["打电话更清楚"]["branch"] == "江苏省分公司", "the province's takes the place of the default"
    assert found["节假日安排"]["branch"] == "总公司"
    assert all("{" not in one["text"] for one in found.values())
    assert (await officer.get(path, number=number)).json()["total"] == len(found)
    after = (await officer.get(f"/api/staff/conversations/{talk}/messages")).json()["items"]
    assert len(after) == before
    with gateway.db.read() as session:
        texts = set(session.scalars(select(Message.text).where(Message.conversation_id == talk)))
    assert not texts & {one["text"] for one in found.values()}


async def test_a_talk_without_a_case_and_a_closed_one_get_no_dates(demo_gateway: Gateway) -> None:
    gateway = demo_gateway
    talk, _ = await _talk(gateway, files=False)
    officer = await gateway.staff("intake")
    path = f"/api/staff/conversations/{talk}/canned-answers"
    titles = {one["title"] for one in (await officer.get(path)).json()["items"]}
    assert {"收到了，正在看", "打电话更清楚"} <= titles
    assert not {"投诉已登记", "到哪一步了", "到我们这里来"} & titles

    talk, number = await _talk(gateway)
    case = (await officer.get(f"/api/staff/complaints/{number}")).json()
    done = await officer.post(
        f"/api/staff/complaints/{number}/withdraw", {"version": case["version"], "said": "不投诉了，已经解决"}
    )
    assert done.status_code == 200, done.text
    path = f"/api/staff/conversations/{talk}/canned-answers"
    titles = {one["title"] for one in (await officer.get(path)).json()["items"]}
    assert "投诉已登记" not in titles
    assert "到我们这里来" in titles


async def test_only_who_may_see_the_talk_gets_them(demo_gateway: Gateway) -> None:
    gateway = demo_gateway
    talk, _ = await _talk(gateway)
    with gateway.db.read() as session:
        hunan = session.scalars(select(Branch.id).where(Branch.name == "湖南省分公司")).one()
    hire(gateway.db, "elsewhere", Role.INTAKE, branch_id=hunan)
    other = await gateway.staff("elsewhere", PASSWORD)
    assert (await other.get(f"/api/staff/conversations/{talk}/canned-answers")).status_code == 404
    with gateway.db.read() as session:
        assert f"conversation:{talk}" in session.scalars(select(DeniedRead.subject)).all()


async def test_supervisors_and_administrators_keep_them_for_their_branches(demo_gateway: Gateway) -> None:
    gateway = demo_gateway
    admin, officer, auditor = [await gateway.staff(name) for name in ("admin", "intake", "auditor")]
    with gateway.db.read() as session:
        ids = {row.name: row.id for row in session.scalars(select(Branch))}
    body = {"title": "雨天路滑", "text": "编号 {编号}，改天再来，打 {热线}。", "branch": ids["南京分公司"]}
    assert (await officer.post(BASE, body)).status_code == 403
    assert (await auditor.post(BASE, body)).status_code == 403
    made = await admin.post(BASE, body)
    assert made.status_code == 201, made.text
    assert (made.json()["version"], made.json()["branch"]) == (1, "南京分公司")
    assert (await admin.post(BASE, body)).json()["code"] == "canned_title"
    wrong = await admin.post(BASE, body | {"title": "x", "text": "{姓名}您好"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "canned_placeholder")
    assert "姓名" in wrong.json()["detail"]
    promise = await admin.post(BASE, body | {"title": "x", "text": "我们保证赔"})
    assert promise.json()["code"] == "canned_promise"

    client, id_ = gateway.client, made.json()["id"]
    change = {"version": 1, "title": "雨天", "text": "改天再来。"}
    refused = await client.put(f"{BASE}/{id_}", json=change, headers=officer.headers)
    assert refused.status_code == 403
    changed = await client.put(f"{BASE}/{id_}", json=change, headers=admin.headers)
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    stale = await client.put(f"{BASE}/{id_}", json=change, headers=admin.headers)
    assert stale.json()["code"] == "canned_changed"

    seen = {one["title"]: one for one in (await officer.get(BASE)).json()["items"] if one["id"]}
    assert {"雨天", "节假日安排", "打电话更清楚"} <= set(seen)
    assert not any(one["may_change"] for one in seen.values())

    hire(gateway.db, "hunan", Role.SUPERVISOR, branch_id=ids["湖南省分公司"])
    other = await gateway.staff("hunan", PASSWORD)
    theirs = {one["title"]: one for one in (await other.get(BASE)).json()["items"] if one["id"]}
    assert "雨天" not in theirs
    assert theirs["节假日安排"]["may_change"] is False
    assert (await client.delete(f"{BASE}/{id_}", headers=other.headers)).status_code == 404
    assert (await other.post(BASE, body | {"title": "y"})).status_code == 404
    assert (await client.delete(f"{BASE}/{id_}", headers=admin.headers)).status_code == 204
    assert (await client.delete(f"{BASE}/{id_}", headers=admin.headers)).status_code == 404
