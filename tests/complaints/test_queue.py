"""The queue of complaints: what each filter holds, in which order, in which colour; and what a case shows."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from anze.audit.models import AuditEvent
from anze.clock import Clock, legal_date
from anze.complaints.colours import Colour, Pressing, pressing
from anze.complaints.life import Step
from anze.complaints.models import OPEN, Complaint, ComplaintForm, ComplaintKind, ComplaintStatus, Source
from anze.db import Database
from anze.demo.load import build
from anze.demo.sources import sources
from anze.identity.models import Branch, Staff
from anze.policies.models import Insured
from anze.settings import Settings
from anze.texts import all_texts
from tests.conftest import NOW
from tests.helpers.complainant import Talk
from tests.helpers.gateway import Caller, Gateway
from tests.helpers.staffing import PASSWORD, hire

TODAY = date(2026, 11, 23)
BASE = "/api/staff/complaints"


def calendar() -> Any:
    return sources(Settings()).calendar.calendar()


@pytest.mark.parametrize(
    ("day", "found"),
    [
        (date(2026, 11, 20), Pressing(Colour.OVERDUE, -1, "overdue")),
        (date(2026, 11, 22), Pressing(Colour.OVERDUE, -1, "overdue")),
        (date(2026, 11, 23), Pressing(Colour.TODAY, 0, "today")),
        (date(2026, 11, 24), Pressing(Colour.SOON, 1, "soon")),
        (date(2026, 11, 26), Pressing(Colour.SOON, 3, "soon")),
        (date(2026, 11, 27), Pressing(Colour.LATER, 4, "later")),
        (None, Pressing(Colour.PAUSED, None, "paused")),
    ],
)
def test_the_colour_of_a_day_on_a_monday(day: date | None, found: Pressing) -> None:
    assert pressing(day, TODAY, calendar(), open_=True) == found
    assert pressing(day, TODAY, calendar(), open_=False) == Pressing(Colour.DONE, None, "done")


def test_on_a_weekend_no_working_day_may_be_left_or_late() -> None:
    saturday, sunday = date(2026, 11, 28), date(2026, 11, 29)
    assert pressing(sunday, saturday, calendar(), open_=True) == Pressing(Colour.SOON, 0, "soon_last")
    assert pressing(saturday, sunday, calendar(), open_=True) == Pressing(Colour.OVERDUE, 0, "overdue_now")


@settings(deadline=None)
@given(st.dates(date(2024, 1, 1), date(2026, 12, 31)), st.integers(-40, 40))
def test_the_sign_and_the_colour_agree_on_every_day(today: date, away: int) -> None:
    found = pressing(today + timedelta(days=away), today, calendar(), open_=True)
    assert (found.colour is Colour.OVERDUE) == (away < 0)
    assert (found.colour is Colour.TODAY) == (away == 0)
    assert found.remaining is not None
    assert found.remaining <= 0 if away < 0 else found.remaining >= 0
    assert (found.colour is Colour.LATER) == (found.remaining > 3)
    assert f"complaint.colour.{found.words}" in all_texts()


def _cases(database: Database) -> list[Complaint]:
    with database.read() as session:
        found = list(session.scalars(select(Complaint).where(Complaint.number.is_not(None))))
        for one in found:
            assert (one.branch, one.insured, one.handler)[0]
        return found


def _firm(case: Complaint) -> str:
    return (case.insured.name if case.insured else case.firm) or ""


async def listed(caller: Caller, **params: Any) -> list[str]:
    """Numbers on all pages of seven."""
    found: list[str] = []
    page = 1
    while True:
        answer = await caller.get(BASE, size=7, page=page, **params)
        assert answer.status_code == 200, answer.text
        body = answer.json()
        found += [item["number"] for item in body["items"]]
        if len(body["items"]) < 7:
            assert body["total"] == len(found)
            assert body["more"] is False
            return found
        page += 1


def _spread(gateway: Gateway) -> None:
    """Cases of every colour, handler and source, whatever the demo holds."""
    days = [date(2026, 11, 20), TODAY, date(2026, 11, 25), date(2026, 12, 30), None]
    with gateway.db.write() as session:
        handler = session.scalars(select(Staff).where(Staff.username == "supervisor")).one()
        cases = session.scalars(select(Complaint).where(Complaint.number.is_not(None)).order_by(Complaint.id))
        for at, case in enumerate(cases):
            case.queue_on = days[at % len(days)]
            case.source = list(Source)[at % len(Source)]
            case.handler_id = handler.id if at % 3 == 0 else None


async def test_each_filter_holds_what_it_names_and_nothing_else(demo_gateway: Gateway) -> None:
    gateway = demo_gateway
    _spread(gateway)
    officer = await gateway.staff("supervisor")
    cases = _cases(gateway.db)
    open_ones = [one for one in cases if one.status in OPEN]
    phone = next(one.contact_phone for one in open_ones if one.contact_phone)
    with gateway.db.read() as session:
        province = session.scalars(select(Branch).where(Branch.level == "province").order_by(Branch.id)).first()
        firm = session.scalars(
            select(Insured.name).join(Complaint, Complaint.insured_id == Insured.id).where(Complaint.status.in_(OPEN))
        ).first()
    assert province is not None
    assert firm is not None
    days = calendar()

    def colour(one: Complaint) -> Colour:
        return pressing(one.queue_on, TODAY, days, open_=one.status in OPEN).colour

    wanted: list[tuple[dict[str, Any], set[str]]] = [
        ({}, {str(one.number) for one in open_ones}),
        ({"which": "all"}, {str(one.number) for one in cases}),
        ({"which": "closed"}, {str(one.number) for one in cases if one.status not in OPEN}),
        ({"status": ["filed", "decided"]}, {str(o.number) for o in cases if o.status in {"filed", "decided"}}),
        ({"branch": province.id}, {str(o.number) for o in open_ones if o.branch.path.startswith(province.path)}),
        ({"handler": "me"}, {str(one.number) for one in open_ones if one.handler}),
        ({"handler": "supervisor"}, {str(one.number) for one in open_ones if one.handler}),
        ({"handler": "none"}, {str(one.number) for one in open_ones if one.handler is None}),
        ({"handler": "nobody-of-this-name"}, set()),
        ({"due_before": "2026-11-24"}, {str(o.number) for o in open_ones if o.queue_on and o.queue_on <= TODAY}),
        ({"q": phone}, {str(one.number) for one in open_ones if one.contact_phone == phone}),
        ({"q": firm[1:]}, {str(o.number) for o in open_ones if firm[1:] in _firm(o)}),
        ({"q": "ts2026"}, {str(one.number) for one in cases if str(one.number).startswith("TS2026")}),
        ({"q": "TS2026", "which": "open"}, {str(o.number) for o in open_ones if str(o.number).startswith("TS2026")}),
        ({"q": str(cases[0].number)}, {str(cases[0].number)}),
        ({"q": "%"}, set()),
        ({"q": phone[:7]}, set()),
        *(({"colour": one.value}, {str(o.number) for o in cases if colour(o) is one}) for one in Colour),
        *(({"kind": one.value}, {str(o.number) for o in open_ones if o.kind == one}) for one in ComplaintKind),
        *(({"form": one.value}, {str(o.number) for o in open_ones if o.form == one}) for one in ComplaintForm),
        *(({"source": one.value}, {str(o.number) for o in open_ones if o.source == one}) for one in Source),
    ]  # fmt: skip
    for params, numbers in wanted:
        found = await listed(officer, **params)
        assert len(found) == len(set(found)), params
        assert set(found) == numbers, params
    assert sum(1 for params, numbers in wanted if "colour" in params and numbers) == len(Colour), "each colour occurs"
    both = await listed(officer, colour="overdue", handler="me", kind="service")
    assert set(both) == {
        str(o.number)
        for o in open_ones
        if colour(o) is Colour.OVERDUE and o.handler and o.kind == ComplaintKind.SERVICE
    }
    assert both


async def test_pages_end_where_counting_ends(demo_gateway: Gateway) -> None:
    officer = await demo_gateway.staff("supervisor")
    assert (await officer.get(BASE, size=100, page=100)).json()["items"] == []
    answer = await officer.get(BASE, size=100, page=101)
    assert (answer.status_code, answer.json()["code"]) == (422, "queue_too_deep")
    assert "10000" in answer.json()["detail"]


async def test_each_order_over_all_pages(demo_gateway: Gateway) -> None:
    _spread(demo_gateway)
    officer = await demo_gateway.staff("supervisor")
    cases = {str(one.number): one for one in _cases(demo_gateway.db)}
    for sort in ("queue_on", "received_at", "number"):
        for order in ("asc", "desc"):
            found = [getattr(cases[one], sort) for one in await listed(officer, sort=sort, order=order)]
            days = [one for one in found if one is not None]
            assert days == sorted(days, reverse=order == "desc"), (sort, order)
            assert found == days + [None] * (len(found) - len(days)), "cases without a day come last either way"
            assert len(found) > 10


async def test_a_line_says_what_its_colour_says(demo_gateway: Gateway, clock: Clock) -> None:
    _spread(demo_gateway)
    officer = await demo_gateway.staff("supervisor")
    items = (await officer.get(BASE, size=200)).json()["items"]
    words = {item["colour"]: item["colour_words"] for item in items}
    assert words["overdue"] == "已超期 1 个工作日"
    assert words["today"] == "今天到期"
    assert words["soon"] == "还剩 2 个工作日，快到期"
    assert words["later"].startswith("还剩 ")
    assert words["paused"] == "暂停计时"
    (one,) = (await officer.get(BASE, q=items[0]["number"])).json()["items"]
    assert one == items[0]
    for name in ("due_on", "second_due_on", "regulator_due_on", "queue_on", "paused", "remaining_workdays", "handler",
                 "version", "source"):  # fmt: skip
        assert name in one


async def test_no_filter_and_no_view_of_another_branchs(demo_gateway: Gateway) -> None:
    """Every filter alone, asked by a branch: nothing beyond its tree, whatever is asked for."""
    gateway = demo_gateway
    _spread(gateway)
    cases = _cases(gateway.db)
    with gateway.db.read() as session:
        provinces = list(session.scalars(select(Branch).where(Branch.level == "province").order_by(Branch.id)))
    home, other = provinces[0], provinces[1]
    hire(gateway.db, "somebody", branch_id=home.id)
    officer = await gateway.staff("somebody", PASSWORD)
    foreign = [one for one in cases if not one.branch.path.startswith(home.path)]
    own = {str(one.number) for one in cases if one.branch.path.startswith(home.path)}
    assert foreign
    assert own
    assert set(await listed(officer, which="all")) == own
    asked: list[dict[str, Any]] = [{"branch": other.id}, {"branch": 1}, {"handler": "supervisor"}, {"q": "TS"},
                                   {"handler": "none", "which": "all"}]  # fmt: skip
    asked += [{"q": one.number} for one in foreign]
    asked += [{"q": one.contact_phone, "which": "all"} for one in foreign if one.contact_phone]
    asked += [{"colour": one.value} for one in Colour]
    asked += [{"status": [one.value]} for one in ComplaintStatus]
    for params in asked:
        assert set(await listed(officer, **params)) <= own, params


async def test_more_rows_than_are_counted_are_called_more(
    demo_gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    from anze.complaints import desk

    officer = await demo_gateway.staff("supervisor")
    everything = (await officer.get(BASE, size=200, which="all")).json()
    monkeypatch.setattr(desk, "COUNTED", everything["total"])
    assert (await officer.get(BASE, which="all")).json()["more"] is False
    monkeypatch.setattr(desk, "COUNTED", everything["total"] - 1)
    body = (await officer.get(BASE, which="all")).json()
    assert (body["total"], body["more"]) == (everything["total"] - 1, True)


def test_the_demo_has_a_day_for_every_case_whose_clock_runs() -> None:
    cases = [row for row in build(NOW, sources(Settings())).rows[Complaint] if row["number"]]
    assert len(cases) > 20
    for row in cases:
        days = (row["due_on"], row["second_due_on"], row.get("regulator_due_on"))
        assert row["queue_on"] == min((day for day in days if day), default=None), row["number"]


async def test_views_are_ones_own_and_hold_what_was_saved(demo_gateway: Gateway) -> None:
    gateway = demo_gateway
    officer, other = await gateway.staff("intake"), await gateway.staff("supervisor")
    query = {"colour": "overdue", "handler": "me", "sort": "received_at", "order": "desc", "due_before": "2026-12-01"}
    made = await officer.post(f"{BASE}/views", {"name": "我的急件", "query": query})
    assert made.status_code == 201, made.text
    assert made.json()["query"] == query
    again = await officer.post(f"{BASE}/views", {"name": "我的急件", "query": {"colour": "today"}})
    assert (again.json()["id"], again.json()["query"]) == (made.json()["id"], {"colour": "today"}), "one of a name"
    await other.post(f"{BASE}/views", {"name": "我的急件", "query": {}})
    mine = (await officer.get(f"{BASE}/views")).json()
    assert [(one["name"], one["query"]) for one in mine["items"]] == [("我的急件", {"colour": "today"})]
    theirs = (await other.get(f"{BASE}/views")).json()["items"][0]
    gone = await gateway.client.delete(f"{BASE}/views/{theirs['id']}", headers=officer.headers)
    assert gone.status_code == 404, "somebody else's"
    assert len((await other.get(f"{BASE}/views")).json()["items"]) == 1
    gone = await gateway.client.delete(f"{BASE}/views/{made.json()['id']}", headers=officer.headers)
    assert gone.status_code == 204
    assert (await officer.get(f"{BASE}/views")).json() == {"items": [], "total": 0}
    for bad in ({"name": "", "query": {}}, {"name": "a", "query": {"colour": "green"}}, {"name": "a"},
                {"name": "a", "query": {"nothing": 1}}):  # fmt: skip
        assert (await officer.post(f"{BASE}/views", bad)).status_code == 422, bad


async def test_views_do_not_grow_without_end(demo_gateway: Gateway) -> None:
    from anze.complaints import views

    officer = await demo_gateway.staff("intake")
    for number in range(views.MOST):
        assert (await officer.post(f"{BASE}/views", {"name": f"v{number}", "query": {}})).status_code == 201
    answer = await officer.post(f"{BASE}/views", {"name": "one more", "query": {}})
    assert (answer.status_code, answer.json()["code"]) == (409, "views_full")
    assert (await officer.post(f"{BASE}/views", {"name": "v0", "query": {"q": "a"}})).status_code == 201


async def _step(officer: Caller, number: str, step: str, **body: Any) -> dict[str, Any]:
    seen = (await officer.get(f"{BASE}/{number}")).json()
    answer = await officer.post(f"{BASE}/{number}/{step}", {"version": seen["version"]} | body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_case_shows_what_was_done_and_what_may_be_done_now(demo_gateway: Gateway, clock: Clock) -> None:
    talk = Talk(await demo_gateway.bound())
    await talk.open()
    number = str((await talk.submit())["fields"]["number"])
    officer = await demo_gateway.staff("intake")
    before = (await officer.get(f"{BASE}/{number}")).json()
    assert [one["step"] for one in before["steps"]] == [
        "accept",
        "assign",
        "stand_aside",
        "decide",
        "withdraw",
        "merge",
    ]
    assert before["steps"][0] == {"step": "accept", "clause": "6.4", "name": "受理"}
    assert (before["source"], before["handler"], before["entered_at"]) == ("chat", None, None)
    await _step(officer, number, "accept")
    await _step(officer, number, "classify", reason="要找三家单位核实")
    day = legal_date(clock.now()).isoformat()
    view = await _step(officer, number, "pause", body="甲检测所", purpose="检测", commissioned_on=day,
                       expected_on="2026-12-10")  # fmt: skip
    assert view["handler"]["username"] == "intake"
    assert view["classification"]["reason"] == "要找三家单位核实"
    assert view["classification"]["by"].startswith("江苏")
    assert [(one["body"], one["returned_on"]) for one in view["pauses"]] == [("甲检测所", None)]
    assert {one["about"] for one in view["notices"]} >= {"acceptance", "classification", "pause"}
    assert {one["words"] for one in view["notices"]} >= {"受理", "情况复杂", "暂停计时"}
    assert "resume" in {one["step"] for one in view["steps"]}
    assert "decide" not in {one["step"] for one in view["steps"]}, "the clock is stopped"
    assert [one["kind"] for one in view["timeline"]][:2] == ["complaint.received", "complaint.stated"]
    lines = {one["kind"]: one for one in view["timeline"]}
    assert lines["complaint.classify"]["words"] == "认定情况复杂"
    assert lines["complaint.classify"]["actor"] == view["classification"]["by"]
    assert [one["at"] for one in view["timeline"]] == sorted(one["at"] for one in view["timeline"])
    auditor = (await (await demo_gateway.staff("auditor")).get(f"{BASE}/{number}")).json()
    assert auditor["steps"] == []


async def test_whoever_stood_aside_has_no_other_step_left(demo_gateway: Gateway) -> None:
    talk = Talk(await demo_gateway.bound())
    await talk.open()
    number = str((await talk.submit())["fields"]["number"])
    officer = await demo_gateway.staff("intake")
    view = await _step(officer, number, "stand-aside", reason="是我的亲戚")
    assert [one["step"] for one in view["steps"]] == [Step.STAND_ASIDE]
    assert view["own_cause"] == "已声明回避"
    assert [one["reason"] for one in view["interests"]] == ["是我的亲戚"]
    chief = (await (await demo_gateway.staff("supervisor")).get(f"{BASE}/{number}")).json()
    assert len(chief["steps"]) > 3
    assert chief["own_cause"] is None


async def test_a_case_names_its_likely_doubles_and_where_it_went(demo_gateway: Gateway) -> None:
    numbers = []
    for _ in range(2):
        talk = Talk(await demo_gateway.bound("AZ2026000002", "13800000002"))
        await talk.open()
        numbers.append(str((await talk.submit())["fields"]["number"]))
    officer = await demo_gateway.staff("supervisor")
    first = (await officer.get(f"{BASE}/{numbers[0]}")).json()
    assert numbers[1] in {one["number"] for one in first["likely_same"]}
    merged = await _step(officer, numbers[1], "merge", into=numbers[0])
    assert (merged["merged_into"], merged["likely_same"], merged["colour"]) == (numbers[0], [], "done")
    assert (await officer.get(f"{BASE}/{numbers[0]}")).json()["merged_from"] == [numbers[1]]


async def test_a_case_of_the_regulator_shows_its_number_and_day(demo_gateway: Gateway) -> None:
    officer = await demo_gateway.staff("intake")
    slip = {"source": "regulator", "received_on": "2026-11-20", "story": "约好的排查没有人来", "contact_name": "王强",
            "contact_phone": "13912345678", "regulator_no": "监转2026-88", "regulator_due_on": "2026-11-25",
            "reason": "周五下班后收到", "standing_right": "投保人"}  # fmt: skip
    made = await officer.post(BASE, slip)
    assert made.status_code == 201, made.text
    view = made.json()
    assert (view["source"], view["regulator_no"], view["regulator_due_on"]) == (
        "regulator",
        "监转2026-88",
        "2026-11-25",
    )
    assert (view["colour"], view["remaining_workdays"]) == ("soon", 2)
    assert (view["late_reason"], view["standing_right"]) == ("周五下班后收到", "投保人")
    assert view["entered_at"]
    assert view["likely_same"] == []


def test_every_kind_of_event_about_a_case_has_its_words(demo_database: Database) -> None:
    with demo_database.read() as session:
        about_cases = select(AuditEvent.kind).where(AuditEvent.subject.startswith("complaint:")).distinct()
        kinds = set(session.scalars(about_cases))
    assert len(kinds) > 5
    kinds |= {f"complaint.{step}" for step in Step if step is not Step.DECIDE}
    for kind in kinds:
        assert f"complaint.event.{kind.removeprefix('complaint.')}" in all_texts(), kind
