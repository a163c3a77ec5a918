"""What of the console needs no browser: forms, words, headers, and the numbers and tasks beneath them."""

from datetime import date, timedelta

import httpx
import pytest
from sqlalchemy import select

from anze.clock import legal_date
from anze.complaints import casefile, figures
from anze.complaints.colours import Colour
from anze.complaints.dates import ComplaintDates
from anze.complaints.handling_models import About, NoticeChannel
from anze.complaints.life import Step
from anze.complaints.models import (
    OPEN,
    Complaint,
    ComplaintForm,
    ComplaintKind,
    ComplaintStatus,
    Source,
    StatementKind,
)
from anze.console import steps
from anze.console.door import POLICY
from anze.console.words import say
from anze.db import Database
from anze.identity.models import Branch, Role, Staff
from anze.identity.speaker import Speaker
from anze.tasks.desk import open_tasks
from anze.tasks.models import Task, TaskKind
from tests.conftest import NOW
from tests.helpers.gateway import Gateway

TODAY = date(2026, 11, 23)


def speaker(database: Database, username: str) -> Speaker:
    with database.read() as session:
        staff = session.scalars(select(Staff).where(Staff.username == username)).one()
        branch = session.get_one(Branch, staff.branch_id)
        return Speaker("x", staff_id=staff.id, role=staff.role, branch_path=branch.path, provider_id=staff.provider_id)


def test_every_step_has_its_form_and_every_value_its_word() -> None:
    assert set(steps.FORMS) == {*Step, steps.UNREACHABLE}
    for form in steps.FORMS.values():
        assert say(f"step.{form.step}")
        assert say(f"explain.{form.step}")
        assert all(say(f"label.{one.name}") for one in form.fields)
    for prefix, values in {
        "status": ComplaintStatus, "kind": ComplaintKind, "form": ComplaintForm, "source": Source,
        "statement": StatementKind, "colour": Colour, "role": Role, "task": TaskKind, "case.channel": NoticeChannel,
    }.items():  # fmt: skip
        assert all(say(f"{prefix}.{value}") for value in values), prefix
    assert all(steps.about({"about": about, "no": 1}) for about in About)


def test_a_form_names_what_is_wrong_and_takes_what_is_right() -> None:
    form = steps.FORMS[Step.PAUSE]
    with pytest.raises(steps.InvalidError) as wrong:
        steps.read_form(form, {"body": "", "purpose": "鉴定", "commissioned_on": "", "expected_on": "2026-12-01"}, 3)
    assert wrong.value.names == ["body", "commissioned_on"]
    tell = steps.FORMS[Step.TELL]
    given = {"what": "pause:2", "channel": "call", "recipient": "老周", "evidence": "接了", "reached": "no", "at": ""}
    body = steps.read_form(tell, given, 3)
    assert body.model_dump() == {
        "version": 3, "about": About.PAUSE, "no": 2, "channel": NoticeChannel.CALL, "recipient": "老周",
        "evidence": "接了", "reached": False, "at": None,
    }  # fmt: skip
    with pytest.raises(steps.InvalidError) as wrong:
        steps.read_form(tell, given | {"what": None, "at": "昨天"}, 3)
    assert wrong.value.names == ["at"]
    with pytest.raises(steps.InvalidError) as wrong:
        steps.read_form(steps.FORMS[Step.ANSWER_EXTENSION], {"approve": None, "words": "好"}, 3)
    assert wrong.value.names == ["approve"]


async def test_its_pages_have_a_policy_of_their_own_and_the_others_keep_theirs(demo_gateway: Gateway) -> None:
    client = demo_gateway.client
    console = await client.get("/staff/")
    assert console.status_code == 401
    assert console.headers["content-security-policy"] == POLICY.decode()
    assert console.headers["cache-control"] == "no-store, no-store"
    assert "unsafe" not in (await client.get("/")).headers["content-security-policy"]
    assert "unsafe" not in (await client.get("/staffing")).headers["content-security-policy"]
    assert (await client.get("/staff")).headers["location"] == "/staff/"
    assert (await client.get("/staff/assets/console.css")).status_code == 200
    assert (await client.get("/staff/assets/../app.py")).status_code in {401, 404}
    assert (await client.post("/staff/")).status_code == 405


async def test_a_signed_in_page_holds_nothing_of_others_and_no_outside_address(demo_gateway: Gateway) -> None:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(demo_gateway.app), base_url="http://test", headers={"Origin": "http://test"}
    ) as page:
        assert (await page.get("/staff/sign-in")).status_code == 401
        signed = await page.post("/staff/sign-in", json={"username": "intake", "password": "demo-anze"})
        assert signed.status_code == 200
        assert (await page.get("/staff/sign-in")).headers["location"] == "/staff/"
        for path in ("/staff/password", "/staff/assets/sign-in.js"):
            text = (await page.get(path)).text
            assert "://" not in text.replace("http://test", "")


async def test_a_sign_in_page_whose_script_did_not_come_sends_no_password_anywhere(demo_gateway: Gateway) -> None:
    page = (await demo_gateway.client.get("/staff/")).text
    assert 'id="sign-in" method="post"' in page
    assert '<button type="submit" disabled>' in page


def brute(database: Database, me: Speaker) -> list[Complaint]:
    with database.read() as session:
        paths = {row.id: row.path for row in session.scalars(select(Branch))}
        rows = session.scalars(select(Complaint).where(Complaint.number.is_not(None))).all()
        return [row for row in rows if paths[row.branch_id].startswith(me.branch_path or "-")]


@pytest.mark.parametrize("username", ["intake", "supervisor", "service"])
def test_the_figures_are_those_of_the_cases_of_ones_branches(demo_database: Database, username: str) -> None:
    me = speaker(demo_database, username)
    with demo_database.read() as session:
        shown = figures.figures(session, me, NOW)
    rows = brute(demo_database, me)
    opened = [row for row in rows if row.status in OPEN]

    def by(row: Complaint) -> date:
        if row.status in OPEN:
            return row.queue_on or date.max
        return min((day for day in (row.due_on, row.second_due_on) if day), default=date.min)

    assert opened
    assert shown["open"] == len(opened) == sum(one["count"] for one in shown["ages"])
    assert shown["open"] == sum(one["open"] for one in shown["branches"])
    assert shown["overdue"] == sum(1 for row in opened if by(row) < TODAY)
    assert shown["overdue"] == sum(one["overdue"] for one in shown["branches"])
    for n, one in enumerate(shown["due"]):
        day = TODAY + timedelta(days=n)
        assert one == {"day": day.isoformat(), "count": sum(1 for row in opened if by(row) == day)}
    told = [
        row for row in rows
        if row.status == ComplaintStatus.TOLD and row.closed_at and legal_date(row.closed_at) >= date(2025, 12, 1)
    ]  # fmt: skip
    in_time = [row for row in told if row.closed_at and legal_date(row.closed_at) <= by(row)]
    assert (shown["timely"]["closed"], shown["timely"]["timely"]) == (len(told), len(in_time))
    assert sum(one["closed"] for one in shown["timely"]["months"]) == len(told)
    assert [one["month"] for one in shown["timely"]["months"]][::11] == ["2025-12", "2026-11"]


def test_tasks_are_those_of_ones_branches_and_emergencies_come_first(demo_database: Database) -> None:
    with demo_database.write() as session:
        branches = {row.name: row.id for row in session.scalars(select(Branch))}
        for n, (kind, name) in enumerate(
            [(TaskKind.SURVEY_CALL, "南京分公司"), (TaskKind.EMERGENCY, "南京分公司"), (TaskKind.EMERGENCY, "总公司")]
        ):
            session.add(
                Task(kind=kind, subject=f"t{n}", branch_id=branches[name], body={}, created_at=NOW + timedelta(days=n))
            )
        session.add(Task(kind=TaskKind.EMERGENCY, subject="done", branch_id=branches["南京分公司"], body={},
                         created_at=NOW, done_at=NOW, done_by="staff:1"))  # fmt: skip
    with demo_database.read() as session:
        own = open_tasks(session, speaker(demo_database, "intake"), size=1000)["items"]
        subjects = [one["subject"] for one in own]
        assert subjects[0] == "t1"
        assert "t0" in subjects
        assert not {"t2", "done"} & set(subjects)
        calls = open_tasks(session, speaker(demo_database, "intake"), kind=TaskKind.SURVEY_CALL, size=1000)
        assert {one["kind"] for one in calls["items"]} == {"survey_call"}
        assert open_tasks(session, speaker(demo_database, "provider"))["total"] == 0
        paged = open_tasks(session, speaker(demo_database, "intake"), page=2, size=1)
        assert [one["subject"] for one in paged["items"]] == subjects[1:2]


def test_a_case_is_explained_by_both_clocks_and_offers_who_may_handle_it(
    demo_database: Database, demo_gateway: Gateway
) -> None:
    dates: ComplaintDates = demo_gateway.services.dates
    me = speaker(demo_database, "intake")
    row = next(one for one in brute(demo_database, me) if one.status == ComplaintStatus.HANDLING and one.due_on)
    with demo_database.read() as session:
        shown = casefile.whole(session, me, str(row.number), dates, NOW)
        named = casefile.handlers(session, me, str(row.number))
        branches = {one.id: one.path for one in session.scalars(select(Branch))}
        for one in named:
            staff = session.scalars(select(Staff).where(Staff.username == one["username"])).one()
            assert staff.role in {Role.INTAKE, Role.SUPERVISOR}
            assert branches[row.branch_id].startswith(branches[staff.branch_id])
    assert "intake" in [one["username"] for one in named]
    assert [clock["name"] for clock in shown["clocks"]] == ["standard", "second"]
    assert all("收到投诉" in clock["lines"][0] for clock in shown["clocks"])
    assert Step.DECIDE in [one["step"] for one in shown["steps"]]
    assert "auditor" not in [one["username"] for one in named]
