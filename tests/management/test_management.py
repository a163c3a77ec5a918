"""Managers, documents, spot checks and channels, over HTTP and in the engine (7.1, 7.2, 6.4)."""

import asyncio
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from anze.audit import chain
from anze.audit.registry import seals
from anze.calendar.data import CalendarStore
from anze.clock import SHANGHAI
from anze.console.management_page import _hours
from anze.db import Database
from anze.errors import DomainError
from anze.management.kinds import DocumentKind
from anze.management.models import ComplaintChannel, Manager, ManagerTraining, QualityCheck, RuleDocument
from anze.management.rules import TESTED_DAYS, drawn
from anze.obligations.query import Query
from anze.obligations.store import Run
from anze.obligations.undone import PROGRAM
from anze.settings import Settings
from anze.standard.editions import load
from tests.helpers.gateway import Gateway
from tests.obligations.world import TODAY, World

ROOT = "/api/staff"
CALENDAR = CalendarStore(Settings().knowledge, Settings().data).calendar()


def test_a_draw_can_be_repeated_and_depends_on_its_seed() -> None:
    numbers = [f"FW{n:04d}" for n in range(100)]
    assert drawn(numbers, "甲", 5) == drawn(reversed(numbers), "甲", 5)
    assert drawn(numbers, "甲", 5) != drawn(numbers, "乙", 5)
    assert set(drawn(numbers, "甲", 200)) == set(numbers)


def test_a_number_is_read_whole_or_not_at_all() -> None:
    assert [_hours(typed) for typed in ("8", "0012", "500")] == [8, 12, 500]
    for typed in ("", "0", "00501", "501", "9999999", "-1", "1.5", "半天", "²"):
        with pytest.raises(DomainError):
            _hours(typed)


async def test_a_manager_is_named_trained_and_ends(demo_gateway: Gateway) -> None:
    caller, supervisor = await demo_gateway.staff("service"), await demo_gateway.staff("supervisor")
    body = {"name": "周工", "department": "服务管理部", "from_on": "2026-01-01"}
    made = await caller.post(f"{ROOT}/managers", body)
    assert made.status_code == 201
    path = f"{ROOT}/managers/{made.json()['id']}"
    mine = {row["id"]: row for row in (await caller.get(f"{ROOT}/managers")).json()["items"]}
    assert mine[made.json()["id"]] | {"trained_on": None} == {
        "id": made.json()["id"], "name": "周工", "department": "服务管理部", "branch": "南京分公司",
        "from_on": "2026-01-01", "to_on": None, "trained_on": None, "trained_this_year": False,
    }  # fmt: skip
    training = {"on": "2026-06-01", "topic": "标准宣贯", "hours": 8, "proof": "PX1"}
    assert (await caller.post(f"{path}/trainings", training | {"on": "2026-11-24"})).status_code == 422
    assert (await caller.post(f"{path}/trainings", training | {"hours": 0})).status_code == 422
    assert (await caller.post(f"{path}/trainings", training)).status_code == 201
    assert (await caller.post(f"{path}/end", {"to_on": "2025-01-01"})).json()["code"] == "manager_days"
    assert (await caller.post(f"{path}/end", {"to_on": "2026-11-20"})).status_code == 204
    assert (await caller.post(f"{path}/end", {"to_on": "2026-11-21"})).status_code == 409
    assert made.json()["id"] not in {row["id"] for row in (await caller.get(f"{ROOT}/managers")).json()["items"]}
    other = next(
        row for row in (await supervisor.get(f"{ROOT}/managers")).json()["items"] if "南京" not in row["branch"]
    )
    assert (await caller.post(f"{ROOT}/managers/{other['id']}/end", {"to_on": "2026-11-20"})).status_code == 404


async def test_nobody_manages_a_branch_twice_at_a_time(demo_gateway: Gateway) -> None:
    caller = await demo_gateway.staff("service")
    body = {"name": "吴工", "department": "部", "from_on": "2025-01-01"}
    answers = await asyncio.gather(*(caller.post(f"{ROOT}/managers", body) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409]
    made = next(answer.json()["id"] for answer in answers if answer.status_code == 201)
    assert (await caller.post(f"{ROOT}/managers/{made}/end", {"to_on": "2025-06-30"})).status_code == 204
    again = await caller.post(f"{ROOT}/managers", body | {"from_on": "2025-06-30"})
    assert again.json()["code"] == "manager_overlap"
    assert (await caller.post(f"{ROOT}/managers", body | {"from_on": "2025-07-01"})).status_code == 201
    training = {"topic": "课", "hours": 8, "proof": "P"}
    path = f"{ROOT}/managers/{made}/trainings"
    assert (await caller.post(path, training | {"on": "2025-07-01"})).json()["code"] == "manager_training_day"
    assert (await caller.post(path, training | {"on": "2025-06-30"})).status_code == 201


async def test_documents_are_versions_of_head_office_that_all_see(demo_gateway: Gateway) -> None:
    caller, supervisor = await demo_gateway.staff("service"), await demo_gateway.staff("supervisor")
    seen = (await caller.get(f"{ROOT}/rule-documents")).json()
    assert seen["missing"] == ["appraisal"]
    body = {
        "kind": "appraisal",
        "title": "评价考核办法",
        "number": "1号",
        "changes": "首次",
        "in_force_from": "2026-11-23",
    }
    assert (await caller.post(f"{ROOT}/rule-documents", body)).status_code == 403
    answers = await asyncio.gather(*(supervisor.post(f"{ROOT}/rule-documents", body) for _ in range(3)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    versions = [answer.json()["version"] for answer in answers if answer.status_code == 201]
    assert sorted(versions) == list(range(1, len(versions) + 1))
    assert (await caller.get(f"{ROOT}/rule-documents")).json()["missing"] == []
    with demo_gateway.db.read() as session:
        assert chain.verify(session) == []
        assert all(seal.holds for seal in seals(session))
    with pytest.raises(DBAPIError), demo_gateway.db.write() as session:
        session.execute(text("UPDATE rule_documents SET title = 'x'"))


async def test_services_are_drawn_once_and_checked_once(demo_gateway: Gateway) -> None:
    caller = await demo_gateway.staff("service")
    before = (await caller.get(f"{ROOT}/quality-checks")).json()["total"]
    made = await caller.post(f"{ROOT}/quality-checks", {"seed": "第四季度", "count": 2})
    assert len(made.json()["ids"]) == 2
    rows = (await caller.get(f"{ROOT}/quality-checks")).json()
    assert rows["total"] == before + 2
    assert {row["branch"] for row in rows["items"]} <= {"南京分公司"}
    path = f"{ROOT}/quality-checks/{made.json()['ids'][0]}/found"
    body = {"outcome": "problem", "findings": "照片对不上"}
    answers = await asyncio.gather(*(caller.post(path, body) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [204, 409, 409]
    for _ in range(30):
        again = await caller.post(f"{ROOT}/quality-checks", {"seed": "x", "count": 50})
    assert again.json()["code"] == "quality_none"
    with demo_gateway.db.read() as session:
        assert all(seal.holds for seal in seals(session))
    with demo_gateway.db.write() as session:
        session.execute(text("UPDATE quality_checks SET outcome = 'good' WHERE findings = '照片对不上'"))
    with demo_gateway.db.read() as session:
        assert [seal.what for seal in seals(session) if not seal.holds] == ["quality_outcome"]


async def test_a_channel_is_tried(demo_gateway: Gateway) -> None:
    caller = await demo_gateway.staff("service")
    body = {"kind": "wechat", "value": "公众号 anze", "hours": "全天"}
    id_ = (await caller.post(f"{ROOT}/complaint-channels", body)).json()["id"]
    for works in (True, False):
        assert (await caller.post(f"{ROOT}/complaint-channels/{id_}/tried", {"works": works})).status_code == 204
        rows = (await caller.get(f"{ROOT}/complaint-channels")).json()["items"]
        assert next(row for row in rows if row["id"] == id_)["works"] is works


@pytest.mark.parametrize("username", ["auditor", "intake", "provider"])
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("managers", {"name": "甲", "department": "部", "from_on": "2026-01-01"}),
        ("quality-checks", {"seed": "x", "count": 1}),
        ("complaint-channels", {"kind": "phone", "value": "1", "hours": "全天"}),
    ],
)
async def test_who_may_not(demo_gateway: Gateway, username: str, path: str, body: dict[str, Any]) -> None:
    caller = await demo_gateway.staff(username)
    assert (await caller.post(f"{ROOT}/{path}", body)).status_code == 403


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=SHANGHAI)


class Office:
    """The tree 总 → 江苏 → 南京, 苏州 with what is kept of it."""

    def __init__(self, session: Session) -> None:
        self.session, self.world = session, World(session)
        self.nanjing = self.world.branches["南京"].id

    def manager(self, from_on: date = date(2026, 1, 1), to_on: date | None = None) -> Manager:
        row = Manager(
            branch_id=self.nanjing, name="甲", department="部", from_on=from_on, to_on=to_on, added_at=noon(TODAY),
            added_by="staff:1",
        )  # fmt: skip
        self.session.add(row)
        self.session.flush()
        return row

    def statuses(self, check: str, today: date = TODAY, number: str | None = "南京") -> list[str]:
        return [row["status"] for row in self.rows(check, today) if number in {None, row["number"]}]

    def rows(self, check: str, today: date) -> list[dict[str, Any]]:
        self.session.flush()
        query = Query(check).narrowed(all_parts=True)
        return list(Run(self.session, PROGRAM, query, load(), today, CALENDAR).answer().rows)


@pytest.fixture
def office(database: Database):  # type: ignore[no-untyped-def]
    with database.write() as session:
        yield Office(session)


def test_each_branch_above_the_county_has_somebody(office: Office) -> None:
    assert office.statuses("branch_manager", number=None) == ["not_due"] * 4
    office.manager(to_on=TODAY)
    assert office.statuses("branch_manager") == ["met"]
    assert office.statuses("branch_manager", TODAY + timedelta(days=1)) == ["not_due"]
    assert office.statuses("branch_manager", date(2025, 12, 31)) == ["not_due"]
    assert office.statuses("manager_load") == ["unknown"], "no figure says how many are enough (AMB-32)"


def test_a_manager_is_trained_each_year(office: Office) -> None:
    manager = office.manager()
    assert office.statuses("manager_training", number="甲") == ["due_soon"]
    assert office.statuses("manager_training", date(2026, 3, 1), number="甲") == ["not_due"]
    for on in (date(2025, 12, 31), TODAY):
        office.session.add(
            ManagerTraining(
                manager_id=manager.id, on=on, topic="课", hours=8, proof="P", noted_at=noon(TODAY), noted_by="staff:1"
            )
        )
        expected = ["met"] if on == TODAY else ["due_soon"]
        assert office.statuses("manager_training", number="甲") == expected
    manager.to_on = TODAY - timedelta(days=1)
    assert office.statuses("manager_training", number="甲") == []


def test_all_seven_documents_are_head_office_s(office: Office) -> None:
    assert office.statuses("rule_documents", number=None) == ["not_due"] * 7
    office.session.add(
        RuleDocument(
            branch_id=office.world.branches["总公司"].id, kind=DocumentKind.ARCHIVE, version=1, title="档", number="1",
            changes="首次", in_force_from=TODAY, issued_at=noon(TODAY), issued_by="staff:1",
        )
    )  # fmt: skip
    assert office.statuses("rule_documents", number="档案管理") == ["met"]
    assert office.statuses("rule_documents", TODAY - timedelta(days=1), number="档案管理") == ["not_due"]


def test_a_drawn_service_is_to_be_checked_within_thirty_days(office: Office) -> None:
    firm = office.world.insured("甲", "large", "mine")
    policy = office.world.policy([firm], date(2026, 1, 1), date(2026, 12, 31), branch="南京")
    service = office.world.service(policy, firm, "d", TODAY - timedelta(days=60), status="completed")
    row = QualityCheck(
        branch_id=office.nanjing, service_id=service.id, seed="x", drawn_on=TODAY, drawn_by="staff:1",
    )  # fmt: skip
    office.session.add(row)
    number = service.number
    assert office.statuses("quality_checks", number=number) == ["not_due"]
    row.drawn_on = TODAY - timedelta(days=30)
    assert office.statuses("quality_checks", number=number) == ["due_soon"]
    row.drawn_on = TODAY - timedelta(days=31)
    assert office.statuses("quality_checks", number=number) == ["overdue"]
    row.checked_on, row.outcome, row.findings = TODAY - timedelta(days=1), "problem", "照片对不上"
    assert office.statuses("quality_checks", number=number) == ["met"]
    assert office.rows("quality_checks", TODAY)[0]["outcome"] == "problem"
    assert office.statuses("quality_checks", TODAY - timedelta(days=2), number=number) == ["due_soon"]
    assert office.rows("quality_checks", TODAY - timedelta(days=2))[0]["outcome"] is None, "not found yet on that day"


def test_a_branch_has_a_way_to_complain_that_worked_lately(office: Office) -> None:
    assert office.statuses("channels") == ["not_due"]
    row = ComplaintChannel(branch_id=office.nanjing, kind="phone", value="1", hours="全天", from_on=date(2026, 1, 1))
    office.session.add(row)
    assert office.statuses("channels") == ["not_due"], "never tried"
    row.works, row.tested_on = True, TODAY - timedelta(days=TESTED_DAYS)
    assert office.statuses("channels") == ["met"]
    row.tested_on = TODAY - timedelta(days=TESTED_DAYS + 1)
    assert office.statuses("channels") == ["not_due"]
    row.works, row.tested_on = False, TODAY
    assert office.statuses("channels") == ["not_due"]
