"""Colleagues order the steps of a complaint in the talk, over HTTP and with the real bot; each on a case of its own."""

from collections.abc import Callable
from datetime import datetime
from itertools import count

import httpx
import pytest
from sqlalchemy import func, select

from anze.clock import SHANGHAI
from anze.complaints.models import Complaint, ComplaintStatus, Decision
from anze.db import Database
from anze.identity.models import Branch, DeniedRead
from tests.helpers.talk import Reply, Talk

_FIRMS = count(1)
STORY = "说好上周三来做应急演练，一直没有人来，打电话也没人接。"

type Sign = Callable[[str], Talk]


@pytest.fixture
def sign_in(client: httpx.Client) -> Sign:
    """A new talk of a colleague."""

    def signed_in(username: str) -> Talk:
        login = client.post("/api/staff/login", json={"username": username, "password": "demo-anze"})
        assert login.status_code == 200, login.text
        return Talk(client, login.json()["token"])

    return signed_in


@pytest.fixture
def officer(sign_in: Sign) -> Talk:
    return sign_in("intake")


@pytest.fixture
def chief(sign_in: Sign) -> Talk:
    return sign_in("supervisor")


@pytest.fixture
def number(officer: Talk, client: httpx.Client) -> str:
    """A complaint that was written down today at the officer's branch."""
    return register(officer, client)


def register(officer: Talk, client: httpx.Client) -> str:
    visitor = Talk.visitor(client)
    now = datetime.fromisoformat(visitor.call("GET", "/api/sessions/me").json()["demo"]["now"])
    body = {
        "source": "phone",
        "received_on": now.astimezone(SHANGHAI).date().isoformat(),
        "story": STORY,
        "firm": f"镇江第{next(_FIRMS)}铸造厂",
        "contact_name": "顾工",
        "contact_phone": "13912340000",
    }
    answer = officer.call("POST", "/api/staff/complaints", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["number"])


def status(database: Database, number: str) -> str:
    return case(database, number).status


def case(database: Database, number: str) -> Complaint:
    with database.read() as session:
        found = session.scalars(select(Complaint).where(Complaint.number == number)).one()
        assert (found.classification, found.extensions, found.pauses, found.handler) is not None
        return found


def at_the_desk(colleague: Talk, number: str, step: str, **body: str) -> None:
    """What somebody does meanwhile, in the console or by a program."""
    seen = colleague.call("GET", f"/api/staff/complaints/{number}").json()
    answer = colleague.call("POST", f"/api/staff/complaints/{number}/{step}", json={"version": seen["version"], **body})
    assert answer.status_code == 200, answer.text


def accepted(officer: Talk, client: httpx.Client) -> str:
    made = register(officer, client)
    at_the_desk(officer, made, "accept")
    return made


def has(reply: Reply, *words: str, buttons: tuple[str, ...] = ()) -> Reply:
    assert reply.topic == "complaint", reply
    shown = reply.text + str(reply.data)
    assert [word for word in words if word not in shown] == [], reply
    assert [title for title in buttons if title not in reply.buttons] == [], reply.buttons
    return reply


def test_a_case_in_short_and_taken_in_by_the_button(officer: Talk, number: str, stack_database: Database) -> None:
    shown = has(officer.say(f"看看{number}"), number, "待受理", "15 个工作日", "AQ 9010.1", buttons=("受理", "指派"))
    assert {"标准的日子", "监管的日子", "反映的事"} <= {row["label"] for row in shown.data["rows"]}
    has(officer.press("受理"), number, "您就是承办人", buttons=("确认受理", "不办了"))
    assert status(stack_database, number) == ComplaintStatus.FILED, "nothing is done before it is confirmed"
    has(officer.press("确认受理"), "已受理", number, "最迟", buttons=("认定情况复杂", "暂停计时"))
    assert status(stack_database, number) == ComplaintStatus.HANDLING


def test_taken_in_by_a_typed_yes(officer: Talk, number: str, stack_database: Database) -> None:
    has(officer.say(f"把{number}受理了"), number, buttons=("确认受理",))
    has(officer.say("好的"), "已受理")
    assert status(stack_database, number) == ComplaintStatus.HANDLING


def test_left_by_a_typed_no_and_taken_up_again_by_this(officer: Talk, number: str, stack_database: Database) -> None:
    has(officer.say(f"受理{number}"), buttons=("确认受理",))
    has(officer.say("不"), "没有办", number)
    assert status(stack_database, number) == ComplaintStatus.FILED
    has(officer.say("还是把它受理了吧"), number, buttons=("确认受理",))
    officer.press("确认受理")
    assert status(stack_database, number) == ComplaintStatus.HANDLING


def test_given_to_the_colleague_who_is_named(officer: Talk, number: str, stack_database: Database) -> None:
    has(officer.say(f"受理{number}"))
    officer.say("确认")
    has(officer.say(f"{number}指派给汤学军"), "汤学军（总公司）", buttons=("确认指派",))
    has(officer.say("是的"), "换好")
    handler = case(stack_database, number).handler
    assert handler is not None
    assert handler.username == "intake-1"


def test_asks_whom_it_is_given_to_and_knows_nobody_else(officer: Talk, client: httpx.Client) -> None:
    number = accepted(officer, client)
    has(officer.say(f"看看{number}"))
    has(officer.say("换个承办人"), "交给谁", buttons=("汤学军（总公司）",))
    has(officer.say("王芳"), "没认出")
    has(officer.press("汤学军"), "汤学军（总公司）", buttons=("确认指派",))
    has(officer.press("不办了"), "没有办")


def test_complex_for_a_reason_that_is_asked(officer: Talk, client: httpx.Client, stack_database: Database) -> None:
    number = accepted(officer, client)
    has(officer.say(f"{number}现在什么情况"), number)
    has(officer.say("这个投诉情况复杂，延到30个工作日"), "原因是什么")
    has(officer.say("嗯"), "写几个字")
    has(officer.say("要找三家服务机构分别核实"), number, "三家服务机构", "6.4 b", buttons=("确认认定情况复杂",))
    has(officer.press("确认认定情况复杂"), "已认定情况复杂", number)
    made = case(stack_database, number).classification
    assert made is not None
    assert made.reason == "要找三家服务机构分别核实"


def test_complex_for_a_reason_that_was_said(officer: Talk, client: httpx.Client) -> None:
    number = accepted(officer, client)
    has(officer.say(f"{number}认定复杂，因为要调取三年的台账"), "要调取三年的台账", buttons=("确认认定情况复杂",))
    has(officer.say("对的"), "已认定")


def test_an_extension_is_asked_below_and_granted_above(
    officer: Talk, chief: Talk, client: httpx.Client, stack_database: Database
) -> None:
    number = accepted(officer, client)
    has(officer.say(f"{number}申请延期"), "先认定情况复杂", buttons=("认定情况复杂",))
    at_the_desk(officer, number, "classify", reason="要分别核实。")
    has(officer.say("这件再延30天"), "原因")
    has(officer.say("外地的人员下周才能到场"), "报上级", buttons=("确认申请延期",))
    has(officer.press("确认申请延期"), "已报上级")
    has(officer.say("同意延期"), "高管", "您的角色")
    has(chief.say(f"{number}的延期我批了"), "审批意见", "")
    has(chief.say("同意延长一次，每周说一次进展"), "外地的人员", "批准延期", buttons=("确认批准延期",))
    has(chief.press("确认批准延期"), "已答复")
    assert case(stack_database, number).extensions[-1].state == "approved"


def test_an_extension_is_refused(officer: Talk, chief: Talk, client: httpx.Client, stack_database: Database) -> None:
    number = accepted(officer, client)
    at_the_desk(officer, number, "classify", reason="要分别核实。")
    at_the_desk(officer, number, "extend", reason="还没有查完。")
    has(chief.say(f"{number}延期不批"), "审批意见")
    has(chief.say("材料可以向财务调取，按原来的日期办"), "不批准延期", buttons=("确认不批准延期",))
    has(chief.say("确认"), "已答复")
    assert case(stack_database, number).extensions[-1].state == "refused"


def test_the_clock_is_stopped_and_started_again(officer: Talk, client: httpx.Client, stack_database: Database) -> None:
    number = accepted(officer, client)
    has(officer.say(f"看看{number}"))
    has(officer.say("送外部鉴定，先停表"), "外部机构")
    has(officer.say("江苏省计量科学研究院"), "鉴定、检测或评估什么")
    has(officer.say("压力表检定"), "哪天委托", buttons=("今天",))
    has(officer.say("明年三月五号"), "今天或以前")
    has(officer.say("就那天"), "没看出是哪一天")
    has(officer.say("今天"), "预计哪天")
    sure = ("江苏省计量科学研究院", "压力表检定", "预计有结果")
    has(officer.say("三周后"), number, *sure, buttons=("确认暂停计时",))
    has(officer.press("确认暂停计时"), "已登记委外", buttons=("恢复计时",))
    (pause,) = case(stack_database, number).pauses
    assert (pause.body, pause.purpose, pause.returned_on) == ("江苏省计量科学研究院", "压力表检定", None)
    has(officer.say("出处理决定"), "暂停计时")
    has(officer.say("鉴定结果回来了，恢复计时"), "哪天回来")
    has(officer.say("今天"), "结果是怎么说的")
    has(officer.say("三块压力表都合格"), "三块压力表都合格", buttons=("确认恢复计时",))
    has(officer.say("行"), "已恢复计时", "最迟")
    (pause,) = case(stack_database, number).pauses
    assert pause.result == "三块压力表都合格"


def test_withdrawn_on_the_complainants_word(officer: Talk, number: str, stack_database: Database) -> None:
    has(officer.say(f"看看{number}"))
    has(officer.say("他不投诉了"), "原话")
    has(officer.say("人已经来过了，不用再办"), number, "人已经来过了", buttons=("确认记录撤回",))
    has(officer.press("确认记录撤回"), "撤回结束")
    assert status(stack_database, number) == ComplaintStatus.WITHDRAWN
    has(officer.say("再把它受理了"), "已经结束")


def test_somebody_changed_it_meanwhile(officer: Talk, chief: Talk, number: str, stack_database: Database) -> None:
    has(officer.say(f"受理{number}"), buttons=("确认受理",))
    at_the_desk(chief, number, "assign", username="intake-1")
    has(officer.press("确认受理"), "有人动过", number, "没有办", buttons=("受理",))
    assert status(stack_database, number) == ComplaintStatus.FILED
    has(officer.press("受理"), buttons=("确认受理",))
    has(officer.say("确认"), "已受理")


def test_an_old_button_does_what_it_said_or_nothing(officer: Talk, client: httpx.Client) -> None:
    first, second = register(officer, client), register(officer, client)
    officer.say(f"受理{first}")
    old = officer.offered["确认受理"]
    has(officer.say(f"受理{second}"), second, buttons=("确认受理",))
    has(officer.say(old), "已受理", first)
    has(officer.say(f"看看{second}"), "待受理")


def test_without_a_case_it_asks_which(officer: Talk, number: str, stack_database: Database) -> None:
    asked = has(officer.say("受理"), "哪一件")
    assert all(title.startswith("TS") for title in asked.buttons)
    has(officer.say("TS20991231001"), "没有找到")
    has(officer.say(number.removeprefix("TS")), number, buttons=("确认受理",))
    has(officer.say("确认"), "已受理")
    assert status(stack_database, number) == ComplaintStatus.HANDLING


def test_a_number_that_does_not_exist_and_one_of_another_province(officer: Talk, stack_database: Database) -> None:
    with stack_database.read() as session:
        hunan = session.scalars(select(Branch.id).where(Branch.name == "长沙分公司")).one()
        foreign = session.scalars(
            select(Complaint.number).where(Complaint.branch_id == hunan, Complaint.number.is_not(None))
        ).first()
        before = session.scalar(select(func.count()).select_from(DeniedRead))
    unknown = has(officer.say("把TS20991231001受理了"), "没有找到")
    denied = has(officer.say(f"看看{foreign}"), "没有找到")
    assert (unknown.buttons, denied.buttons) == ([], [])
    assert unknown.text == denied.text, "who may not see it learns nothing of it"
    with stack_database.read() as session:
        assert session.scalar(select(func.count()).select_from(DeniedRead)) == (before or 0) + 1


@pytest.mark.parametrize("username", ["auditor", "service", "admin"])
def test_who_does_not_handle_complaints_looks_and_does_nothing(sign_in: Sign, username: str, number: str) -> None:
    colleague = sign_in(username)
    if username == "service":  # of a branch below
        has(colleague.say(f"看看{number}"), "没有找到")
        return
    assert has(colleague.say(f"看看{number}"), number, "待受理").buttons == []
    has(colleague.say("把它受理了"), "投诉处理员", "您的角色")
    has(colleague.say("出处理决定"), "没有权限")


def test_a_step_that_is_not_its_turn_says_why_and_what_is(officer: Talk, client: httpx.Client) -> None:
    number = accepted(officer, client)
    has(officer.say(f"把{number}受理了"), "已经受理过", "处理中", buttons=("认定情况复杂", "准备处理决定"))
    has(officer.say("恢复计时"), "没有暂停计时")


def test_changed_mind_in_the_middle_of_a_question(
    officer: Talk, client: httpx.Client, stack_database: Database
) -> None:
    first, second = accepted(officer, client), register(officer, client)
    has(officer.say(f"{first}认定复杂"), "原因")
    has(officer.say(f"看看{second}"), second, "待受理", "原因")
    assert officer.say("算了").topic == "chitchat"
    has(officer.say(f"受理{second}"), buttons=("确认受理",))
    assert case(stack_database, first).classification is None
    assert status(stack_database, second) == ComplaintStatus.FILED


def test_what_a_decision_needs_is_gathered_and_nothing_is_decided(
    officer: Talk, client: httpx.Client, stack_database: Database
) -> None:
    number = accepted(officer, client)
    found = has(officer.say(f"{number}出处理决定"), number, "一直没有人来", "救济途径", "申请核查", "step=decide")
    assert found.data["link"] == f"/staff/complaints/{number}?step=decide"
    assert found.citations
    with stack_database.read() as session:
        made = select(Decision).join(Complaint, Complaint.id == Decision.complaint_id)
        assert session.scalar(made.where(Complaint.number == number)) is None


def test_lists_of_cases(officer: Talk, client: httpx.Client) -> None:
    number = accepted(officer, client)
    mine = has(officer.say("我手上有哪些投诉"), "您手上")
    rows = [row for message in mine.messages for row in (message.get("table") or {"rows": []})["rows"]]
    assert rows
    assert all("邱振宇" in row for row in rows)
    late = has(officer.say("已经超期的有几件"), "超期")
    assert late.buttons == [] or all(title.startswith("TS") for title in late.buttons)
    has(officer.say("今天要到期的投诉"), "到")
    has(officer.say(number), number, "处理中")


def test_the_public_means_none_of_it(client: httpx.Client, number: str, stack_database: Database) -> None:
    visitor = Talk.visitor(client)
    for words in (f"把{number}受理了", "同意延期", f"{number}指派给汤学军", "送外部鉴定，先停表"):
        reply = visitor.say(words)
        assert not (reply.intent or "").startswith("complaint_desk"), reply
        assert "确认受理" not in reply.buttons
    assert status(stack_database, number) == ComplaintStatus.FILED
