"""What a firm is told of itself adds up: counted here again from the bare rows, for every firm of the demo data."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.bookings.models import Service
from anze.clock import SHANGHAI
from anze.complaints.models import Complaint, Statement
from anze.conversations.turn import Turn
from anze.hazards.models import Hazard
from anze.identity.speaker import Speaker
from anze.policies.models import Insured, Policy, PolicyInsured, PolicyYear, PromisedService
from anze.status import usecases as status
from anze.surveys.models import Survey
from tests.conftest import NOW
from tests.helpers.firm import Firm, firm_of
from tests.helpers.gateway import Gateway

TODAY = date(2026, 11, 23)
USES_UP = {"requested", "confirmed", "dispatched", "ongoing", "completed"}
NOT_BEGUN = {"requested", "confirmed", "dispatched"}
OPEN_CASES = {"intake", "filed", "handling", "decided"}
Work = Callable[..., dict[str, Any]]


@pytest.fixture
async def firm(demo_gateway: Gateway) -> Firm:
    return await firm_of(demo_gateway)


def day_of(row: Service) -> date | None:
    if row.completed_on:
        return row.completed_on
    return row.starts_at.astimezone(SHANGHAI).date() if row.starts_at else None


async def asking(firm: Firm) -> Callable[[Session, Work, int], dict[str, Any]]:
    """Asks as somebody who acts for an insured and for nobody else."""
    turn: Turn = (await firm.turn("x")).turn

    def ask(session: Session, work: Work, *insured_ids: int) -> dict[str, Any]:
        chosen = insured_ids[0] if len(insured_ids) == 1 else None
        speaker = Speaker(turn.conversation_id, person_id=1, acting_for_id=chosen, insured_ids=frozenset(insured_ids))
        return work(session, replace(turn, speaker=speaker), firm.services.calendar, firm.services.dates)

    return ask


def promised(session: Session) -> Iterator[tuple[int, Policy, str, list[str]]]:
    """Each insured, a policy in force, an item's letter, and promised, used, left in figures."""
    services = session.scalars(select(Service)).all()
    items = session.scalars(select(PromisedService)).all()
    running = {y.policy_id: y for y in session.scalars(select(PolicyYear)) if y.from_on <= TODAY <= y.to_on}
    policies = {row.id: row for row in session.scalars(select(Policy))}
    for link in session.scalars(select(PolicyInsured)).all():
        year = running.get(link.policy_id)
        if year is None:
            continue
        for item in items:
            if item.policy_id != link.policy_id:
                continue
            used = 0
            for row in services:
                day = day_of(row)
                mine = (row.policy_id, row.insured_id, row.item) == (link.policy_id, link.insured_id, item.item)
                if mine and row.status in USES_UP and day is not None and year.from_on <= day <= year.to_on:
                    used += 1
            left = max(0, item.per_year - used)
            figures = [str(item.per_year), str(used), str(left)]
            yield link.insured_id, policies[link.policy_id], item.item, figures


async def test_promised_used_and_left_of_every_firm(firm: Firm) -> None:
    ask = await asking(firm)
    with firm.services.db.read() as session:
        expected: dict[int, Counter[tuple[str, ...]]] = {}
        for insured_id, policy, _, figures in promised(session):
            expected.setdefault(insured_id, Counter())[(policy.number, *figures)] += 1
        assert len(expected) > 300
        firms = session.scalars(select(Insured)).all()
        for insured in firms:
            found = ask(session, status.policies, insured.id)
            told = Counter((row[0], *row[4:]) for row in found["table"]["rows"])
            assert told == expected.get(insured.id, Counter()), insured.id
            assert found["count"] == sum(told.values())
            assert found["fields"]["firm"] == insured.name
    over = [row for counter in expected.values() for row in counter if int(row[2]) > int(row[1])]
    spent = [row for counter in expected.values() for row in counter if row[3] == "0" and row[1] == row[2]]
    assert over, "more was given than promised: what is left is none, never less"
    assert spent


async def test_every_firm_of_a_group_has_its_own_promise(firm: Firm) -> None:
    """Somebody of a whole group sees each firm's figures, not all services against one promise."""
    ask = await asking(firm)
    with firm.services.db.read() as session:
        group = session.scalars(select(Policy).where(Policy.number == "AZ2026000003")).one()
        names = {insured.id: insured.name for insured in group.insureds}
        assert len(names) == 5
        found = ask(session, status.policies, *names)
        rows = [row for row in found["table"]["rows"] if group.number in row[0]]
        expected = Counter(
            (f"{names[insured_id]}：{policy.number}", *figures)
            for insured_id, policy, _, figures in promised(session)
            if policy.id == group.id
        )
        assert Counter((row[0], *row[4:]) for row in rows) == expected
        assert len({row[0] for row in rows}) == 5
        lines = ask(session, status.mine, *names)["fields"]["lines"].splitlines()
        for name in names.values():
            assert any(line.startswith(f"· {name}：保单 {group.number}") for line in lines)


def answer_by(session: Session, case: Complaint) -> date:
    """The earlier of the two clocks; that of 15 days begins anew with new facts."""
    news = select(Statement.at).where(Statement.complaint_id == case.id, Statement.kind == "supplement")
    began = max(at.astimezone(SHANGHAI).date() for at in [case.received_at, *session.scalars(news)])
    return min(day for day in (case.due_on, began + timedelta(days=15)) if day)


def days_due(session: Session, insured_id: int) -> list[tuple[date, str]]:
    """Day and number of everything of a firm that has a day; of a complaint the earlier of its two clocks."""
    found: list[tuple[date, str]] = []
    services = session.scalars(select(Service).where(Service.insured_id == insured_id)).all()
    for row in services:
        if row.status in NOT_BEGUN and row.starts_at and row.starts_at > NOW:
            found.append((row.starts_at.astimezone(SHANGHAI).date(), row.number))
    for hazard in session.scalars(select(Hazard).where(Hazard.insured_id == insured_id)):
        if hazard.status == "open" and hazard.agreed_on:
            found.append((hazard.agreed_on, hazard.number))
    numbers = {row.id: row.number for row in services}
    for survey in session.scalars(select(Survey)):
        if survey.service_id in numbers and survey.status != "done":
            found.append((survey.due_on, numbers[survey.service_id]))
    for case in session.scalars(select(Complaint).where(Complaint.insured_id == insured_id)):
        if case.number and case.status in OPEN_CASES:
            found.append((answer_by(session, case), case.number))
    links = select(Policy).join(PolicyInsured).where(PolicyInsured.insured_id == insured_id)
    for policy in session.scalars(links):
        last = min(policy.end_on, policy.ended_early_on or policy.end_on)
        if policy.start_on <= TODAY <= last and last - TODAY <= timedelta(days=60):
            found.append((last, policy.number))
    return sorted(found)


async def test_one_list_of_everything_with_a_day_in_its_order(firm: Firm) -> None:
    ask = await asking(firm)
    calendar = firm.services.calendar.calendar()
    kinds: Counter[str] = Counter()
    with firm.services.db.read() as session:
        for insured in session.scalars(select(Insured)).all():
            expected = days_due(session, insured.id)
            found = ask(session, status.due, insured.id)
            assert found["count"] == len(expected)
            assert found["table"]["columns"] == ["日期", "事项", "依据", "还剩工作日"]
            rows = found["table"]["rows"]
            told = [date.fromisoformat(row[0][:10]) for row in rows]
            assert told == sorted(told)
            for day, number in expected:
                assert sum(row[0].startswith(day.isoformat()) and number in row[1] for row in rows) == 1, number
            for day, row in zip(told, rows, strict=True):
                between = [day - timedelta(days=n) for n in range((day - TODAY).days)]
                left = sum(calendar.is_workday(one) for one in between)
                assert row[3] == ("已过" if day < TODAY else "今天" if day == TODAY else str(left))
                kinds[row[2]] += 1
    assert {"6.2", "6.3", "—"} < set(kinds), kinds
    assert any(kind.startswith("6.4") for kind in kinds), kinds


async def test_a_date_that_may_still_move_says_so(firm: Firm) -> None:
    with firm.services.db.write() as session:
        survey = session.scalars(
            select(Survey).join(Service).where(Service.insured_id == firm.insured_id, Survey.status != "done")
        ).first()
        assert survey is not None
        survey.provisional = True
        number = survey.service.number
    found = (await (await firm.turn("x")).read(status.due, firm.calendar, firm.services.dates))["table"]["rows"]
    assert [("暂定" in row[0]) == (number in row[1] and row[2] == "6.3") for row in found] == [True] * len(found)


async def test_all_of_it_at_a_glance(firm: Firm, demo_gateway: Gateway) -> None:
    ask = await asking(firm)
    seen: Counter[str] = Counter()
    with firm.services.db.read() as session:
        for insured in session.scalars(select(Insured)).all():
            found = ask(session, status.mine, insured.id)
            assert (found["count"], found["fields"]["firm"]) == (1, insured.name)
            lines = found["fields"]["lines"]
            hazards = session.scalars(select(Hazard).where(Hazard.insured_id == insured.id)).all()
            open_ = [row for row in hazards if row.status == "open"]
            major = [row for row in open_ if row.level == "major"]
            said = f"待整改的隐患 {len(open_)} 条，其中重大 {len(major)} 条" if open_ else "没有待整改的隐患"
            assert said in lines
            for row in open_[:5]:
                (line,) = [one for one in lines.splitlines() if row.number in one]
                wanted = row.agreed_on.isoformat() if row.agreed_on else "还要约定" if row in major else "请及时整改"
                assert wanted in line
                assert ("已经过了" in line) == (row.agreed_on is not None and row.agreed_on < TODAY)
                seen[wanted[:4]] += 1
            for case in session.scalars(select(Complaint).where(Complaint.insured_id == insured.id)):
                told = [one for one in lines.splitlines() if case.number and case.number in one]
                assert len(told) == (case.number is not None and case.status in OPEN_CASES)
                if told:
                    day = answer_by(session, case)
                    seen["late" if day < TODAY else "left"] += 1
                    assert ("已经过了" in told[0]) == (day < TODAY)
                    assert day < TODAY or "个工作日" in told[0] or "最后一天" in told[0]
    assert {"还要约定", "请及时整", "2026", "late", "left"} <= set(seen), seen


async def test_a_firm_with_nothing_is_told_so_kindly(firm: Firm) -> None:
    ask = await asking(firm)
    with firm.services.db.read() as session:
        covered = select(PolicyInsured.insured_id).join(PolicyYear, PolicyYear.policy_id == PolicyInsured.policy_id)
        running = covered.where(PolicyYear.from_on <= TODAY, PolicyYear.to_on >= TODAY)
        without = session.scalars(select(Insured).where(Insured.id.not_in(running))).all()
        assert without
        lines = ask(session, status.mine, without[0].id)["fields"]["lines"]
        assert "现在没有查到有效的保单" in lines
        assert ask(session, status.policies, without[0].id)["count"] == 0
        nobody = ask(session, status.due)
        assert (nobody["count"], nobody["table"]["rows"]) == (0, [])
