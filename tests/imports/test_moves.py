"""What an import moves beside its rows: policy years, reminders, rights, sizes, dates of complaints. All is told."""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import select

from anze.audit import chain
from anze.audit.models import AuditEvent
from anze.audit.registry import seals
from anze.bookings.models import Service
from anze.complaints.models import Complaint
from anze.db import Database
from anze.identity.models import Invitation, Right
from anze.policies.models import Applicant, Insured, Policy
from anze.reminders import standing
from anze.reminders.models import Reminder, ReminderState
from anze.surveys.models import Survey
from tests.helpers.gateway import Gateway
from tests.imports.desk import Desk, outcome
from tests.imports.files import applicant, code, csv_of, insured, policy, service
from tests.imports.test_imports import years

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
NEAR = {"start_on": "2026-01-10", "end_on": "2027-01-09"}
"""A policy that ends within the sixty days in which its reminders are written"""


async def with_policy(desk: Desk, **more: Any) -> dict[str, Any]:
    await desk.imported("applicants", [applicant(1)])
    await desk.imported("insureds", [insured(1)])
    row = policy(1, **(NEAR | more))
    await desk.imported("policies", [row])
    return row


def plan_ends(gateway: Gateway) -> None:
    """A round of the sweep."""
    with gateway.db.write() as session:
        standing.plan_policy_ends(session, NOW, gateway.services.calendar.calendar())


def reminders(database: Database, number: str = "PX2026000001") -> list[tuple[str, str, date]]:
    """(kind, state, due_on) of what was ever planned about a policy."""
    with database.read() as session:
        policy_id = session.scalars(select(Policy.id).where(Policy.number == number)).one()
        query = select(Reminder.kind, Reminder.state, Reminder.due_on).where(Reminder.subject == f"policy:{policy_id}")
        return sorted(set(session.execute(query).tuples().all()))


async def test_a_new_policy_that_ends_soon_is_planned_by_the_next_round_of_the_same_day(demo_gateway: Gateway) -> None:
    plan_ends(demo_gateway)
    await with_policy(await Desk.of(demo_gateway))
    assert reminders(demo_gateway.db) == []
    plan_ends(demo_gateway)
    assert reminders(demo_gateway.db) == [("policy_end", "waiting", date(2027, 1, 9))]


async def test_another_end_moves_years_and_reminders(demo_gateway: Gateway) -> None:
    desk = await Desk.of(demo_gateway)
    row = await with_policy(desk)
    plan_ends(demo_gateway)
    with demo_gateway.db.write() as session:
        own = session.scalars(select(Policy).where(Policy.number == row["number"])).one()
        session.add(Reminder(
            kind="custom", subject=f"policy:{own.id}", step="at-3d", recipient="person:1", due_on=own.end_on,
            send_at=datetime(2027, 1, 6, 1, tzinfo=UTC), body={"days": 3, "working": False}, note="保单",
            state=ReminderState.WAITING,
        ))  # fmt: skip
    view = await desk.imported("policies", [row | {"end_on": "2027-01-31"}])
    assert years(demo_gateway.db, row["number"]) == [
        (date(2026, 1, 10), date(2027, 1, 9)), (date(2027, 1, 10), date(2027, 1, 31)),
    ]  # fmt: skip
    assert reminders(demo_gateway.db) == [
        ("custom", "void", date(2027, 1, 9)), ("custom", "waiting", date(2027, 1, 31)),
        ("policy_end", "void", date(2027, 1, 9)), ("policy_end", "waiting", date(2027, 1, 31)),
    ]  # fmt: skip
    told = [(one["column"], one["found"], one["words"]) for one in await desk.notes(view["id"], "moved")]
    assert told == [
        ("保单年度", "PX2026000001", "第 2 个保单年度：无 → 2027-01-10～2027-01-31"),
        ("终保或提前终止", "PX2026000001", "终保日期：2027-01-09 → 2027-01-31"),
        ("提醒", "PX2026000001", "作废 3 条，新排 3 条"),
    ]
    assert view["moved"] == {"policy_years": 1, "ends": 1, "reminders": 6}


async def test_an_early_end_and_a_cancelled_policy_end_everything(demo_gateway: Gateway) -> None:
    desk = await Desk.of(demo_gateway)
    row = await with_policy(desk)
    plan_ends(demo_gateway)
    view = await desk.imported("policies", [row | {"state": "提前终止", "ended_early_on": "2026-06-30"}])
    assert years(demo_gateway.db, row["number"]) == [(date(2026, 1, 10), date(2026, 6, 30))]
    assert reminders(demo_gateway.db) == [("policy_end", "void", date(2027, 1, 9))]
    assert view["moved"]["reminders"] == 2
    view = await desk.imported("policies", [row | {"state": "有效"}])
    assert years(demo_gateway.db, row["number"]) == [(date(2026, 1, 10), date(2027, 1, 9))]
    assert reminders(demo_gateway.db) == [("policy_end", "waiting", date(2027, 1, 9))], "it waits again"
    view = await desk.imported("policies", [row | {"state": "注销"}])
    assert years(demo_gateway.db, row["number"]) == []
    assert reminders(demo_gateway.db) == [("policy_end", "void", date(2027, 1, 9))]
    told = [(one["column"], one["words"]) for one in await desk.notes(view["id"], "moved")]
    assert ("保单年度", "第 1 个保单年度：2026-01-10～2027-01-09 → 无") in told
    assert ("终保或提前终止", "提前终止日期：无 → 2026-01-09") in told
    assert outcome(await desk.imported("policies", [row | {"state": "注销"}])) == (0, 0, 1, 0)


async def test_a_renewal_ends_the_reminders_of_the_policy_before(demo_gateway: Gateway) -> None:
    desk = await Desk.of(demo_gateway)
    row = await with_policy(desk)
    plan_ends(demo_gateway)
    following = policy(2, applicant=code(1), insureds=code(1), renews=row["number"], start_on="2027-01-10",
                       end_on="2028-01-09")  # fmt: skip
    view = await desk.imported("policies", [following])
    assert reminders(demo_gateway.db) == [("policy_end", "void", date(2027, 1, 9))]
    assert view["moved"] == {"reminders": 2}
    plan_ends(demo_gateway)
    assert outcome(await desk.imported("policies", [following])) == (0, 0, 1, 0)


async def test_services_that_are_booked_beyond_the_new_end_are_told_and_stay(demo_gateway: Gateway) -> None:
    desk = await Desk.of(demo_gateway)
    with demo_gateway.db.read() as session:
        own = session.scalars(select(Policy).where(Policy.number == "AZ2026000001")).one()
        firm, branch, (insured_,) = own.applicant.uscc, own.branch.name, own.insureds
        row = {
            "number": own.number, "branch": branch, "applicant": firm, "insureds": insured_.uscc,
            "start_on": own.start_on, "end_on": own.end_on, "premium_cents": f"{own.premium_cents / 100:.2f}",
        }  # fmt: skip
    assert outcome(await desk.imported("policies", [row])) == (0, 0, 1, 0), "a policy of the demo as it is"
    view = await desk.imported("policies", [row | {"ended_early_on": "2026-11-22"}])
    assert view["moved"]["services_outside"] == 1
    told = [one["words"] for one in await desk.notes(view["id"], "moved")]
    assert any("不在保险期内了，请服务管理员处理" in words for words in told)


# ---- rights ----


def rights(database: Database, policy_no: str = "AZ2026000001") -> list[tuple[str, bool]]:
    with database.read() as session:
        firm = select(Insured.id).join(Insured.__table__.metadata.tables["policy_insureds"]).join(Policy)
        ids = list(session.scalars(firm.where(Policy.number == policy_no)))
        query = select(Right.kind, Right.ended_at).where(Right.insured_id.in_(ids)).order_by(Right.id)
        return [(kind, ended is None) for kind, ended in session.execute(query)]


def firm_row(database: Database, policy_no: str = "AZ2026000001", **more: Any) -> dict[str, Any]:
    """The insured of a policy of the demo, as a row of a file."""
    with database.read() as session:
        (firm,) = session.scalars(select(Policy).where(Policy.number == policy_no)).one().insureds
        return {name: getattr(firm, name) for name in (
            "name", "uscc", "sector", "industry", "province", "city", "address", "contact_name", "contact_phone",
        )} | more  # fmt: skip


async def test_another_telephone_puts_the_old_contact_out_and_lets_the_new_one_in(demo_gateway: Gateway) -> None:
    desk = await Desk.of(demo_gateway)
    main = await demo_gateway.bound()
    colleague = await demo_gateway.visitor()
    assert (await colleague.join(await main.invite())).status_code == 200
    unused = await main.invite()
    before = firm_row(demo_gateway.db)
    assert outcome(await desk.imported("insureds", [before])) == (0, 0, 1, 0)
    assert (await main.me())["bound"] is True
    view = await desk.imported("insureds", [before | {"contact_name": "新人", "contact_phone": "13700000077"}])
    assert view["moved"]["contacts"] == 1
    assert view["moved"]["rights_ended"] >= 1
    assert (await main.me())["insureds"] == []
    assert (await colleague.me())["insureds"] != [], "who was let in stays"
    late = await demo_gateway.visitor()
    assert (await late.join(unused)).json()["code"] == "invitation_void"
    # The applicant is a firm of its own with the same telephone on file: it is told in its own file.
    with demo_gateway.db.read() as session:
        firm = session.scalars(select(Applicant).where(Applicant.uscc == before["uscc"])).one()
    same = {"name": firm.name, "uscc": firm.uscc, "contact_name": "新人", "contact_phone": "13700000077"}
    await desk.imported("applicants", [same])
    again = await demo_gateway.visitor()
    body = {"policy_no": "AZ2026000001", "phone": "13800000001"}
    sent = (await again.post("/api/sessions/bind", body)).json()
    refused = await again.post("/api/sessions/bind/confirm", {"code": sent.get("demo_code", "000000")})
    assert refused.status_code == 422
    assert (await (await demo_gateway.visitor()).bind("AZ2026000001", "13700000077")).status_code == 200
    with demo_gateway.db.read() as session:
        assert chain.verify(session) == []
        ended = select(AuditEvent).where(AuditEvent.kind == "identity.ended")
        assert len(session.scalars(ended).all()) == view["moved"]["rights_ended"]
        assert session.scalar(select(Invitation.expires_at).where(Invitation.used_by.is_(None))) <= NOW
    (told,) = await desk.notes(view["id"], "moved")
    assert told["found"] == before["uscc"]
    assert "请用新号码重新绑定" in told["words"]


async def test_an_applicants_telephone_moves_the_applicants_right(demo_gateway: Gateway) -> None:
    desk = await Desk.of(demo_gateway)
    group = await demo_gateway.bound("AZ2026000003", "13800000003")
    assert len((await group.me())["insureds"]) > 1
    with demo_gateway.db.read() as session:
        firm = session.scalars(select(Applicant).join(Policy).where(Policy.number == "AZ2026000003")).one()
    row = {"name": firm.name, "uscc": firm.uscc, "contact_name": "新人", "contact_phone": "13700000078"}
    view = await desk.imported("applicants", [row])
    assert view["moved"] == {"contacts": 1, "rights_ended": 1}
    assert (await group.me())["insureds"] == []


async def test_another_size_is_told(demo_gateway: Gateway) -> None:
    desk = await Desk.of(demo_gateway)
    await desk.imported("insureds", [insured(1, nbs_industry="工业", employees=10, revenue_wan=100)])
    view = await desk.imported("insureds", [insured(1, employees=400, revenue_wan=3000)])
    (told,) = await desk.notes(view["id"], "moved")
    assert (told["column"], told["words"]) == ("企业规模", "微型 → 中型")
    view = await desk.imported("insureds", [insured(1, size_class="大型")])
    assert outcome(view) == (0, 0, 1, 0), "figures count before words"
    await desk.imported("insureds", [insured(2, size_class="大型")])
    view = await desk.checked("insureds", [insured(3, nbs_industry="养鱼", employees=1)])
    assert "工业" in (await desk.notes(view["id"]))[0]["advice"]


# ---- services ----


async def test_a_recent_service_is_followed_up_like_any_other(demo_gateway: Gateway) -> None:
    desk = await Desk.of(demo_gateway)
    await with_policy(desk)
    row = service(1, requested_on="2026-11-01", service_on="2026-11-20", completed_on="2026-11-20", followed_up_on="",
                  mark="", opinion="", way="")  # fmt: skip
    await desk.imported("services", [row])
    with demo_gateway.db.read() as session:
        survey = session.scalars(select(Survey).join(Service).where(Service.number == row["number"])).one()
        kinds = set(session.scalars(select(Reminder.kind).where(Reminder.subject == f"survey:{survey.id}")))
        assert kinds == {"survey_ask", "survey_call"}
    done = row | {"followed_up_on": "2026-11-23", "mark": 4, "opinion": "好", "way": "电话"}
    assert outcome(await desk.imported("services", [done])) == (0, 1, 0, 0)
    assert outcome(await desk.imported("services", [done])) == (0, 0, 1, 0)
    with demo_gateway.db.read() as session:
        states = select(Reminder.state).where(Reminder.subject == f"survey:{survey.id}").distinct()
        assert set(session.scalars(states)) == {"void"}, "nobody is asked any more"
        assert chain.verify(session) == []
        assert all(seal.holds for seal in seals(session))


# ---- holidays ----


NOTICE = {
    "off": ["2027-01-01", "2027-01-02", "2027-01-03", *(f"2027-02-{n:02d}" for n in range(5, 13)), "2027-04-03",
            "2027-04-04", "2027-04-05", *(f"2027-05-{n:02d}" for n in range(1, 6)), "2027-06-09",
            *(f"2027-10-{n:02d}" for n in range(1, 8))],
    "work": ["2027-02-13", "2027-02-14", "2027-05-08", "2027-10-09"],
}  # fmt: skip


def notice() -> list[dict[str, str]]:
    rows = [
        {"day": day, "what": "放假", "festival": "节日", "notice": "国办发明电〔2026〕9号"} for day in NOTICE["off"]
    ]
    return rows + [{"day": day, "what": "补班", "festival": "", "notice": ""} for day in NOTICE["work"]]


async def test_a_notice_of_holidays_moves_dates_of_complaints_and_tells_them(demo_gateway: Gateway) -> None:
    demo_gateway.services.clock.move_to(datetime(2026, 12, 21, 2, 0, tzinfo=UTC))
    visitor = await demo_gateway.bound()
    desk = await Desk.of(demo_gateway)
    filed = await visitor.say("x")  # a talk in which something can be said
    assert filed["topic"]
    with demo_gateway.db.write() as session:
        # An open case of this talk whose date was counted through days of an unpublished year.
        case = session.scalars(
            select(Complaint)
            .where(Complaint.status == "handling", Complaint.due_on.is_not(None), Complaint.form == "complaint")
            .order_by(Complaint.id)
        ).first()
        assert case is not None
        case.received_at = datetime(2026, 12, 18, 2, 0, tzinfo=UTC)
        case.due_on, case.provisional = date(2027, 1, 8), True
        number, talk, version = case.number, case.conversation_id, case.version
    view = await desk.imported("holidays", notice())
    assert outcome(view) == (len(NOTICE["off"]) + len(NOTICE["work"]), 0, 0, 0)
    assert view["moved"]["complaint_dates"] >= 1
    told = {one["found"]: one["words"] for one in await desk.notes(view["id"], "moved")}
    assert "2027" in told[number]
    with demo_gateway.db.read() as session:
        from anze.conversations.models import Message

        case = session.scalars(select(Complaint).where(Complaint.number == number)).one()
        assert case.version == version + 1
        assert case.due_on != date(2027, 1, 8) or not case.provisional
        said = session.scalars(
            select(Message.text).where(Message.conversation_id == talk).order_by(Message.id.desc())
        ).first()
        assert number in said
        moved = session.scalars(select(AuditEvent.kind).where(AuditEvent.subject == f"complaint:{case.id}"))
        assert "complaint.date_moved" in set(moved)
        assert chain.verify(session) == []
    calendar = demo_gateway.services.calendar.calendar()
    assert not calendar.is_workday(date(2027, 2, 5))
    assert calendar.is_workday(date(2027, 2, 13))
    assert calendar.tables[2027].notice == "国办发明电〔2026〕9号"
    assert outcome(await desk.imported("holidays", notice())) == (0, 0, len(notice()), 0)


async def test_a_notice_is_taken_whole_or_not_at_all(demo_gateway: Gateway) -> None:
    desk = await Desk.of(demo_gateway)
    rows = notice()
    rows[-1] = rows[-1] | {"day": "2027-10-11"}
    view = await desk.checked("holidays", rows)
    (fault,) = await desk.notes(view["id"])
    assert (fault["found"], fault["words"]) == ("2027-10-11", "不是周六或周日，不能是补班日")
    assert (await desk.confirm(view, partial=True)).json()["code"] == "import_whole"
    view = await desk.checked("holidays", notice()[:5])
    assert "数目不像一份完整的放假通知" in (await desk.notes(view["id"]))[0]["words"]
    assert 2027 not in demo_gateway.services.calendar.calendar().tables
    shipped = csv_of("holidays", [
        {"day": day.isoformat(), "what": "放假", "festival": name, "notice": "国办发明电〔2025〕7号"}
        for day, name in demo_gateway.services.calendar.calendar().tables[2026].off_days.items()
    ] + [
        {"day": day.isoformat(), "what": "补班", "festival": "", "notice": ""}
        for day in demo_gateway.services.calendar.calendar().tables[2026].makeup_workdays
    ])  # fmt: skip
    assert outcome(await desk.imported("holidays", shipped))[:2] == (0, 0)
