"""Appraisals of providers and improvements, over HTTP and in the engine (8.1, 8.2)."""

import asyncio
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from anze.appraisals.models import Appraisal, ImprovementItem
from anze.appraisals.rules import Content, scale, suggested_rating, total
from anze.audit import chain
from anze.audit.registry import seals
from anze.calendar.data import CalendarStore
from anze.clock import SHANGHAI
from anze.db import Database
from anze.identity.models import Branch
from anze.obligations.query import Query
from anze.obligations.store import Run
from anze.obligations.undone import PROGRAM
from anze.settings import Settings
from anze.standard.editions import load
from tests.helpers.gateway import Caller, Gateway
from tests.obligations.world import TODAY, World

ROOT = "/api/staff"
SCORES = {str(one): 80 for one in Content}
CALENDAR = CalendarStore(Settings().knowledge, Settings().data).calendar()


def test_the_total_is_the_weighted_mean() -> None:
    weights = scale().weights
    for content, weight in weights.items():
        assert total(dict.fromkeys(Content, 0) | {content: 100}, scale()) == weight
    assert total(dict.fromkeys(Content, 100), scale()) == 100
    assert total(dict.fromkeys(Content, 59) | {Content.QUALITY: 62}, scale()) == 59, "rounded down"


@pytest.mark.parametrize(("marks", "count", "score"), [(0, 0, None), (5, 1, 100), (1, 1, 0), (3, 1, 50), (9, 2, 87)])
def test_the_insureds_marks_as_a_score(marks: int, count: int, score: int | None) -> None:
    assert suggested_rating(marks, count) == score


async def of_nanjing(caller: Caller) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await caller.get(f"{ROOT}/providers", size=200)).json()["items"]
    return found


async def test_every_provider_that_worked_for_the_branch_is_listed_those_without_first(demo_gateway: Gateway) -> None:
    supervisor, manager = await demo_gateway.staff("supervisor"), await demo_gateway.staff("service")
    mine, all_ = await of_nanjing(manager), await of_nanjing(supervisor)
    assert {row["branch"] for row in mine} == {"南京"}
    assert mine == [row for row in all_ if row["branch"] == "南京"]
    open_ = [row["appraised_on"] is None for row in all_]
    assert open_ == sorted(open_, reverse=True)
    for row in mine:
        one = (await manager.get(f"{ROOT}/providers/{row['provider_id']}/branches/{row['branch_id']}")).json()
        assert one["work"]["services"] == row["services"]


async def test_an_appraisal_is_a_version_and_the_newest_counts(demo_gateway: Gateway) -> None:
    caller = await demo_gateway.staff("service")
    row = next(one for one in await of_nanjing(caller) if one["appraised_on"] is None)
    path = f"{ROOT}/providers/{row['provider_id']}/appraisals"
    body = {"branch": row["branch_id"], "year": 2026, "scores": SCORES, "words": "按约到场，报告及时"}
    first = await caller.post(path, body)
    assert (first.status_code, first.json()["version"], first.json()["passed"]) == (201, 1, True)
    low = body | {"scores": SCORES | {"quality": 0, "performance": 0}}
    assert (await caller.post(path, low)).json() | {"id": 0} == {"id": 0, "version": 2, "total": 40, "passed": False}
    again = next(one for one in await of_nanjing(caller) if one["provider_id"] == row["provider_id"])
    assert (again["total"], again["passed"]) == (40, False)
    with demo_gateway.db.read() as session:
        assert chain.verify(session) == []
        assert all(seal.holds for seal in seals(session))
    for statement in ("UPDATE appraisals SET total = 99", "DELETE FROM appraisals"):
        with pytest.raises(DBAPIError), demo_gateway.db.write() as session:
            session.execute(text(statement))


async def test_two_at_once_are_two_versions_or_one_is_refused(demo_gateway: Gateway) -> None:
    caller = await demo_gateway.staff("service")
    row = (await of_nanjing(caller))[0]
    body = {"branch": row["branch_id"], "year": 2026, "scores": SCORES, "words": "好"}
    path = f"{ROOT}/providers/{row['provider_id']}/appraisals"
    answers = await asyncio.gather(*(caller.post(path, body) for _ in range(4)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    versions = [answer.json()["version"] for answer in answers if answer.status_code == 201]
    assert len(set(versions)) == len(versions) >= 1


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"scores": {"quality": 5}}, 422), ({"scores": SCORES | {"quality": 101}}, 422),
        ({"scores": SCORES | {"quality": -1}}, 422), ({"scores": SCORES | {"beauty": 5}}, 422),
        ({"year": 2020}, 422), ({"words": ""}, 422), ({"branch": 10**6}, 404),
    ],
)  # fmt: skip
async def test_nonsense_is_refused(demo_gateway: Gateway, changed: dict[str, Any], status: int) -> None:
    caller = await demo_gateway.staff("service")
    row = (await of_nanjing(caller))[0]
    body = {"branch": row["branch_id"], "year": 2026, "scores": SCORES, "words": "好"} | changed
    answer = await caller.post(f"{ROOT}/providers/{row['provider_id']}/appraisals", body)
    assert answer.status_code == status


async def test_who_may_and_where(demo_gateway: Gateway) -> None:
    supervisor, manager = await demo_gateway.staff("supervisor"), await demo_gateway.staff("service")
    other = next(row for row in await of_nanjing(supervisor) if row["branch"] == "长沙")
    body = {"branch": other["branch_id"], "year": 2026, "scores": SCORES, "words": "好"}
    path = f"{ROOT}/providers/{other['provider_id']}"
    assert (await manager.post(f"{path}/appraisals", body)).status_code == 404
    assert (await manager.get(f"{path}/branches/{other['branch_id']}")).status_code == 404
    for username in ("intake", "auditor", "provider"):
        assert (await (await demo_gateway.staff(username)).post(f"{path}/appraisals", body)).status_code == 403


async def test_an_improvement_is_opened_and_closed_once(demo_gateway: Gateway) -> None:
    caller = await demo_gateway.staff("service")
    body = {
        "source": "regulator",
        "finding": "回访没写原话",
        "measure": "抽查",
        "owner": "老周",
        "due_on": "2026-12-20",
    }
    assert (await caller.post(f"{ROOT}/improvement-items", body | {"due_on": "2026-11-22"})).status_code == 422
    one = (await caller.post(f"{ROOT}/improvement-items", body)).json()
    assert (one["branch"], one["late"], one["closed_at"]) == ("南京分公司", False, None)
    path = f"{ROOT}/improvement-items/{one['id']}/close"
    answers = await asyncio.gather(*(caller.post(path, {"result": "抽查了二十份"}) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    with demo_gateway.db.read() as session:
        foreign = session.scalars(select(ImprovementItem.id).join(Branch).where(Branch.level == "head")).first()
        assert all(seal.holds for seal in seals(session))
    assert (await caller.post(f"{ROOT}/improvement-items/{foreign}/close", {"result": "好"})).status_code == 404


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=SHANGHAI)


class Work:
    """A provider that did something for Nanjing this year."""

    def __init__(self, session: Session) -> None:
        self.session, self.world = session, World(session)
        firm = self.world.insured("甲", "large", "mine")
        self.policy = self.world.policy([firm], date(2026, 1, 1), date(2026, 12, 31), branch="南京")
        self.provider = self.world.provider("机构", "企业法人")
        self.firm = firm
        self.service(TODAY - timedelta(days=40))

    def service(self, on: date) -> None:
        self.world.service(
            self.policy, self.firm, "d", on, status="completed", provider_id=self.provider.id, asked=on,
        )  # fmt: skip

    def appraised(self, on: date, year: int = 2026, version: int = 1, *, passed: bool = True) -> None:
        self.session.add(
            Appraisal(
                provider_id=self.provider.id, branch_id=self.policy.branch_id, year=year, version=version,
                scores=SCORES,
                services=1, marks=0, marks_sum=0, total=80 if passed else 40, passed=passed, words="好",
                appraised_on=on, at=noon(on), by="staff:1",
            )
        )  # fmt: skip

    def statuses(self, check: str, today: date = TODAY) -> list[str]:
        self.session.flush()
        query = Query(check).narrowed(all_parts=True)
        rows = Run(self.session, PROGRAM, query, load(), today, CALENDAR).answer().rows
        return [row["status"] for row in rows]


@pytest.fixture
def work(database: Database):  # type: ignore[no-untyped-def]
    with database.write() as session:
        yield Work(session)


def test_a_provider_that_worked_must_be_appraised_in_the_year(work: Work) -> None:
    assert work.statuses("appraisal") == ["due_soon"]
    assert work.statuses("appraisal", date(2026, 10, 20)) == ["not_due"]
    assert work.statuses("appraisal", TODAY - timedelta(days=41)) == [], "it had not been asked yet"
    work.appraised(TODAY, year=2025)
    assert work.statuses("appraisal") == ["due_soon"], "last year's is last year's"
    work.appraised(TODAY)
    assert work.statuses("appraisal") == ["met"]
    assert work.statuses("appraisal", TODAY - timedelta(days=1)) == ["due_soon"]


def test_a_failed_one_is_not_to_be_used_any_more(work: Work) -> None:
    assert work.statuses("appraisal_used") == ["not_applicable"]
    work.appraised(TODAY - timedelta(days=30), passed=False)
    assert work.statuses("appraisal_used") == ["met"], "nothing was given to it since"
    work.service(TODAY - timedelta(days=10))
    assert work.statuses("appraisal_used") == ["not_due"]
    work.appraised(TODAY, version=2)
    assert work.statuses("appraisal_used") == ["met"]


def test_an_improvement_is_due_late_or_closed(work: Work) -> None:
    row = ImprovementItem(
        branch_id=work.policy.branch_id, source="regulator", finding="问题", measure="措施", owner="老周",
        due_on=TODAY + timedelta(days=60), opened_on=TODAY - timedelta(days=5), opened_by="staff:1",
    )  # fmt: skip
    work.session.add(row)
    assert work.statuses("improvements") == ["not_due"]
    row.due_on = TODAY
    assert work.statuses("improvements") == ["due_soon"]
    row.due_on = TODAY - timedelta(days=1)
    assert work.statuses("improvements") == ["overdue"]
    row.closed_at = noon(TODAY)
    assert work.statuses("improvements") == ["overdue"], "closed late"
    row.closed_at = noon(TODAY - timedelta(days=1))
    assert work.statuses("improvements") == ["met"]
    assert work.statuses("improvements", TODAY - timedelta(days=6)) == []
