"""Duties by edition: the board of a day, terms that stay with what began before, checks that come and go."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.bookings.models import Service, ServiceStatus
from anze.clock import Clock
from anze.surveys import usecases as surveys
from anze.surveys.models import Survey
from tests.editions.conftest import AFTER, FROM
from tests.helpers.firm import write
from tests.helpers.gateway import Caller, Gateway
from tests.helpers.second_edition import CITE, DRAFT, FINAL

ROOT = "/api/staff/obligations"
EVE = FROM - timedelta(days=1)


@pytest.fixture
async def chief(demo_gateway: Gateway) -> Caller:
    return await demo_gateway.staff("supervisor")


@pytest.fixture
def completed(demo_gateway: Gateway) -> Callable[[date], tuple[str, date]]:
    """Complete a coming service on a day, as bookings do; its number and the last day of its follow-up."""

    def complete(day: date) -> tuple[str, date]:
        def work(session: Session) -> tuple[str, date]:
            coming = session.scalars(
                select(Service).where(Service.status == ServiceStatus.CONFIRMED).order_by(Service.id).limit(1)
            ).one()
            coming.status, coming.completed_on, coming.archived_on = ServiceStatus.COMPLETED, day, None
            session.flush()
            services = demo_gateway.services
            surveys.plan(session, coming, services.calendar, services.clock.now())
            due = session.scalars(select(Survey.due_on).where(Survey.service_id == coming.id)).one()
            return str(coming.number), due

        return write(demo_gateway, work)

    return complete


async def board(caller: Caller, **params: Any) -> tuple[dict[str, Any], str]:
    answer = await caller.get(ROOT, **params)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    return {row["rule"]: row for row in body["items"]}, body["edition"]


async def every(caller: Caller, rule: str, **params: Any) -> dict[str, dict[str, Any]]:
    """All subjects of a duty by their number."""
    found: dict[str, dict[str, Any]] = {}
    for page in range(1, 30):
        answer = await caller.get(f"{ROOT}/{rule}", everything=True, size=200, page=page, **params)
        assert answer.status_code == 200, answer.text
        items = answer.json()["items"]
        found |= {str(item["number"]): item for item in items}
        if len(items) < 200:
            break
    return found


async def test_the_board_of_a_day_is_that_of_the_edition_in_force_on_it(chief: Caller) -> None:
    before, cited_before = await board(chief, as_of=str(EVE))
    after, cited_after = await board(chief, as_of=str(FROM))
    assert cited_before == "参照 AQ 9010.1（征求意见稿，2025年7月）"
    assert cited_after == CITE
    assert before.keys() - after.keys() == {"fake_service"}
    assert after.keys() - before.keys() == {"report_sent"}
    assert (before["follow_up"]["name"], after["follow_up"]["name"]) == (
        "服务后10个工作日内回访",
        "服务后15个工作日内回访",
    )


async def test_a_check_that_only_one_edition_has_is_answered_by_that_one(chief: Caller) -> None:
    for rule, day, status in (
        ("fake_service", EVE, 200),
        ("fake_service", FROM, 404),
        ("report_sent", EVE, 404),
        ("report_sent", FROM, 200),
    ):
        assert (await chief.get(f"{ROOT}/{rule}", as_of=str(day))).status_code == status, (rule, day)
    named = (await chief.get(f"{ROOT}/fake_service", as_of=str(FROM), edition=DRAFT)).json()
    assert "征求意见稿" in named["edition"]
    unknown = await chief.get(f"{ROOT}/follow_up", edition="AQ9010.1/1999")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "obligation_edition")
    assert (await chief.get(ROOT, edition="AQ9010.1/1999")).status_code == 404


async def test_a_service_keeps_the_term_under_which_it_was_completed(
    chief: Caller, completed: Callable[[date], tuple[str, date]], clock: Clock
) -> None:
    clock.move_to(AFTER)
    old, old_due = completed(EVE)
    new, new_due = completed(FROM)
    found = await every(chief, "follow_up")
    calendar = chief.gateway.services.calendar.calendar()
    assert old_due == calendar.nth_after(EVE, 10)
    assert new_due == calendar.nth_after(FROM, 15)
    assert (found[old]["due_on"], found[new]["due_on"]) == (str(old_due), str(new_due))
    answer = (await chief.get(f"{ROOT}/follow_up")).json()
    assert answer["edition"] == CITE
    assert CITE in "\n".join(answer["lines"])
    by_draft = await every(chief, "follow_up", edition=DRAFT)
    assert by_draft[new]["due_on"] == str(calendar.nth_after(FROM, 10)), "a named edition is asked alone"


async def test_nothing_that_began_before_owes_a_duty_that_is_new(
    chief: Caller, completed: Callable[[date], tuple[str, date]], clock: Clock
) -> None:
    clock.move_to(AFTER)
    old, _ = completed(EVE)
    new, _ = completed(FROM)
    found = await every(chief, "report_sent")
    assert found[old]["status"] == "not_applicable"
    assert (found[new]["status"], found[new]["due_on"]) == ("not_due", "2026-12-07")
    assert {item["status"] for item in found.values() if (item["completed_on"] or "9999") < str(FROM)} == {
        "not_applicable"
    }


async def test_a_long_standing_check_counts_as_before(chief: Caller, demo_gateway: Gateway) -> None:
    """What both editions have alike gives the same numbers by either."""
    day = str(FROM)
    for rule in ("yearly_check", "archived", "hazard_rectified", "candidates"):
        by = [(await chief.get(f"{ROOT}/{rule}", as_of=day, edition=key)).json()["parts"] for key in (DRAFT, FINAL)]
        mixed = (await chief.get(f"{ROOT}/{rule}", as_of=day)).json()["parts"]
        assert by[0] == by[1] == mixed, rule


async def test_the_answer_to_a_complaint_is_due_by_the_edition_of_the_case(
    chief: Caller, demo_gateway: Gateway
) -> None:
    first = await every(chief, "complaint_answer", as_of=str(EVE))
    second = await every(chief, "complaint_answer", as_of=str(FROM))
    assert {number: item["due_on"] for number, item in first.items()} == {
        number: item["due_on"] for number, item in second.items()
    }


async def test_a_question_in_words_goes_by_the_edition_in_force(chief: Caller, clock: Clock) -> None:
    async def asked(text: str) -> dict[str, Any]:
        found: dict[str, Any] = (await chief.post(f"{ROOT}/ask", {"text": text})).json()
        return found

    before = (await asked("服务报告送达的有哪些没做"))["answer"]
    assert before is None or before["rule"] != "report_sent"
    clock.move_to(AFTER)
    answer = (await asked("服务报告送达的有哪些没做"))["answer"]
    assert (answer["rule"], answer["edition"], answer["clause"]) == ("report_sent", CITE, "6.5")
