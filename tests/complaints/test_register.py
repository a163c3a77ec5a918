"""The register of complaints: its sums are its rows', its rows the cases of the period, and it stays as issued."""

import io
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from pypdf import PdfReader
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from anze.audit.chain import digest, verify
from anze.audit.models import AuditEvent
from anze.clock import SHANGHAI, Clock, legal_date
from anze.complaints import register, register_export, sealed
from anze.complaints.desk_models import ComplaintRegister
from anze.complaints.handling_models import Cause, Improvement
from anze.complaints.models import Complaint, ComplaintForm, ComplaintKind, ComplaintStatus, Decision, Source
from anze.complaints.register_rules import SUMMED, changes, first_words, period_of, sums
from anze.conversations.models import Channel, Conversation
from anze.db import Database
from anze.demo.sources import sources
from anze.identity.models import Branch, BranchLevel, DeniedRead
from anze.providers.models import Provider
from anze.settings import Settings
from anze.texts import all_texts
from tests.conftest import NOW
from tests.helpers.complainant import Talk
from tests.helpers.gateway import Caller, Gateway
from tests.helpers.staffing import PASSWORD, hire

BASE = "/api/staff/complaints/registers"
BETTER = "/api/staff/complaints/improvements"
DATES = sources(Settings()).dates


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("2026-01", date(2026, 1, 1), date(2026, 1, 31)),
        ("2028-02", date(2028, 2, 1), date(2028, 2, 29)),
        ("2026-12", date(2026, 12, 1), date(2026, 12, 31)),
        ("2026-Q1", date(2026, 1, 1), date(2026, 3, 31)),
        ("2026-Q4", date(2026, 10, 1), date(2026, 12, 31)),
    ],
)
def test_the_days_of_a_period(name: str, first: date, last: date) -> None:
    found = period_of(name)
    assert found is not None
    assert (found.first, found.last) == (first, last)


@pytest.mark.parametrize("name", ["2026", "2026-13", "2026-00", "2026-Q5", "2026-q1", "1999-01", "2026-1", "2026-10 "])
def test_what_is_no_period(name: str) -> None:
    assert period_of(name) is None


@given(st.integers(2000, 2099))
def test_months_and_quarters_leave_no_day_out_and_count_none_twice(year: int) -> None:
    for names in ([f"{year}-{month:02d}" for month in range(1, 13)], [f"{year}-Q{quarter}" for quarter in range(1, 5)]):
        found = [period_of(name) for name in names]
        next_first = date(year, 1, 1)
        for one in found:
            assert one is not None
            assert one.first == next_first
            next_first = one.last + timedelta(days=1)
        assert next_first == date(year + 1, 1, 1)


def test_the_first_words_hide_who_it_is_about() -> None:
    said = "已向王建国当面道歉，退还13912345678的押金；李先生和赵经理另行处理，总公司备案"
    found = first_words(said, ["王建国", "北京红星厂", None, "王"], "某某")
    assert found == "已向某某当面道歉，退还某某的押金；某先生和某经理另行处理，…"
    assert first_words("已报总公司。", [], "某某") == "已报总公司。"
    assert first_words("改约，已办结。", [], "某某") == "改约，已办结。"


def test_changes_name_each_field_and_each_row() -> None:
    old = [{"number": "A", "status": "filed", "cause": None}, {"number": "B", "status": "told", "cause": None}]
    new = [{"number": "A", "status": "told", "cause": None}, {"number": "C", "status": "told", "cause": "other"}]
    assert changes(old, new) == [
        {"number": "A", "field": "status", "old": "filed", "new": "told"},
        {"number": "B", "field": "row", "old": old[1], "new": None},
        {"number": "C", "field": "row", "old": None, "new": new[1]},
    ]
    assert changes(old, old) == []


@dataclass(frozen=True)
class Made:
    """A case of a random world. `at`: minutes from 2026-08-31 00:00 in Shanghai; `decided`, `told`: hours later."""

    at: int
    branch: int
    source: Source
    kind: ComplaintKind
    form: ComplaintForm
    status: ComplaintStatus
    told: int
    cause: str | None
    provider: bool
    number: bool


START = datetime(2026, 8, 31, tzinfo=SHANGHAI)
MADE = st.builds(
    Made,
    at=st.one_of(st.integers(0, 120 * 24 * 60), st.sampled_from([1439, 1440, 31 * 1440 - 1, 31 * 1440, 31 * 1440 + 1])),
    branch=st.integers(1, 4),
    source=st.sampled_from(Source),
    kind=st.sampled_from(ComplaintKind),
    form=st.sampled_from(ComplaintForm),
    status=st.sampled_from(sorted(set(ComplaintStatus) - {ComplaintStatus.DRAFT, ComplaintStatus.MERGED})),
    told=st.integers(1, 60 * 24),
    cause=st.sampled_from([None, "no_show", "attitude", "other"]),
    provider=st.booleans(),
    number=st.booleans() | st.just(value=True),
)
PATHS = {1: "/1/", 2: "/1/2/", 3: "/1/2/3/", 4: "/1/4/"}


def build(session: Session, world: list[Made]) -> list[Complaint]:
    """The rows of a world: head office, a province with a city, another province."""
    for id_, path in PATHS.items():
        session.add(Branch(id=id_, path=path, parent_id=None if id_ == 1 else int(path.split("/")[-3]),
                           level=BranchLevel.HEAD if id_ == 1 else BranchLevel.CITY, name=f"机构{id_}",
                           short_name=f"机构{id_}", hotline="1", hours="9"))  # fmt: skip
        session.flush()
    session.add(Conversation(id="c", channel=Channel.WEB, branch_id=1, state={}, created_at=NOW))
    provider = Provider(name="甲机构", short_name="甲", uscc="9" * 18, legal_status="企业法人", province="江苏省")
    session.add(provider)
    session.flush()
    cases = []
    for at, made in enumerate(world):
        received = (START + timedelta(minutes=made.at)).astimezone(UTC)
        told = received + timedelta(hours=made.told)
        ended = made.status in {ComplaintStatus.TOLD, ComplaintStatus.WITHDRAWN}
        case = Complaint(
            number=f"TS20260901{at:03d}" if made.number else None, status=made.status, kind=made.kind, form=made.form,
            source=made.source, edition=DATES.edition(received), received_at=received, conversation_id="c",
            person_id=None, branch_id=made.branch, closed_at=told if ended else None, version=1,
        )  # fmt: skip
        session.add(case)
        session.flush()
        if made.status == ComplaintStatus.TOLD:
            session.add(Decision(complaint_id=case.id, findings="查了", basis="据", reasons="因", outcome="已改约。",
                                 remedies=[], decided_at=told, decided_by="staff:1", told_at=told))  # fmt: skip
        if made.cause:
            session.add(Cause(complaint_id=case.id, cause=made.cause, branch_id=made.branch, at=told, by="staff:1",
                              provider_id=provider.id if made.provider else None))  # fmt: skip
        cases.append(case)
    session.flush()
    return cases


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    world=st.lists(MADE, max_size=25),
    branch=st.integers(1, 4),
    name=st.sampled_from(["2026-08", "2026-09", "2026-10", "2026-11", "2026-Q3", "2026-Q4"]),
)
def test_sums_are_those_of_the_rows_and_rows_are_the_cases_of_the_period(
    database: Database, world: list[Made], branch: int, name: str
) -> None:
    now = datetime(2027, 1, 5, 2, tzinfo=UTC)
    with database.read() as session:  # undone afterwards
        cases = build(session, world)
        period = period_of(name)
        assert period is not None
        session.expire_all()
        found = register.rows(session, session.get_one(Branch, branch), period.first, period.last, now, DATES)
        mine = {id_ for id_, path in PATHS.items() if path.startswith(PATHS[branch])}
        expected = [
            case for case in cases
            if case.number and case.branch_id in mine
            and period.first.isoformat() <= legal_date(case.received_at).isoformat() <= period.last.isoformat()
        ]  # fmt: skip
        assert Counter(row["number"] for row in found) == Counter(case.number for case in expected)
        by_number = {case.number: case for case in expected}
        for row in found:
            case = by_number[row["number"]]
            assert (row["source"], row["kind"], row["form"], row["status"]) == (
                case.source, case.kind, case.form, case.status,
            )  # fmt: skip
            assert row["timely"] == _timely(case, now)
            assert (row["outcome"], row["told_on"] is not None) == (
                ("已改约。", True) if case.status == ComplaintStatus.TOLD else (None, False)
            )
            assert (row["outcome_sha256"] == digest("已改约。")) == (case.status == ComplaintStatus.TOLD)
        summed = sums(found)
        assert summed["total"] == len(found)
        for field in SUMMED:
            assert sum(summed[f"by_{field}"].values()) == len(found), field
            for value, count in summed[f"by_{field}"].items():
                assert count == sum(1 for row in found if (row[field] or "none") == value)
        for field in ("source", "kind", "cause"):
            parts = summed[f"timely_by_{field}"].values()
            for key in ("judged", "timely"):
                assert sum(part[key] for part in parts) == summed["timely"][key], (field, key)
        whole = summed["timely"]
        if whole["judged"]:
            assert abs(whole["permille"] - 1000 * whole["timely"] / whole["judged"]) <= 0.5
        else:
            assert whole["permille"] is None


def _timely(case: Complaint, now: datetime) -> bool | None:
    """By the dates as the complainant is told them: answered by the earlier one, or not, or nobody can know yet."""
    told = DATES.told(case, now)
    days = [day for day in (told.due_on, told.second_due_on) if day is not None]
    last = legal_date(case.closed_at) if case.closed_at else legal_date(now)
    if last > min(days):
        return False
    return True if case.status == ComplaintStatus.TOLD else None


@pytest.fixture
async def chief(demo_gateway: Gateway) -> Caller:
    """Of the head office."""
    return await demo_gateway.staff("supervisor")


async def issue(caller: Caller, period: str = "2026-10", **more: Any) -> dict[str, Any]:
    answer = await caller.post(BASE, {"period": period} | more)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def _registers(database: Database) -> list[ComplaintRegister]:
    with database.read() as session:
        return list(session.scalars(select(ComplaintRegister).order_by(ComplaintRegister.id)))


async def test_a_month_is_issued_once_and_kept_with_its_digest(demo_gateway: Gateway, chief: Caller) -> None:
    made = await issue(chief)
    assert (made["version"], made["whole"], made["until"], made["changes"]) == (1, True, "2026-10-31", [])
    assert made["total"] == len(made["rows"]) > 0
    assert all(row["received_on"].startswith("2026-10") for row in made["rows"])
    again = await chief.post(BASE, {"period": "2026-10"})
    assert (again.status_code, again.json()["code"]) == (409, "register_unchanged")
    assert (await chief.get(f"{BASE}/{made['id']}")).json() == made
    with demo_gateway.db.read() as session:
        (event,) = session.scalars(select(AuditEvent).where(AuditEvent.kind == "complaint.register_issued"))
        assert verify(session) == []
        assert [seal.holds for seal in sealed.seals(session) if seal.what == "register"] == [True]
    body = json.loads(event.body)
    assert body["sha256"] == made["sha256"]
    assert (body["rows"], body["period"], body["version"]) == (made["total"], "2026-10", 1)
    listed = (await chief.get(BASE, period="2026-10")).json()
    assert [one["id"] for one in listed["items"]] == [made["id"]]
    assert "rows" not in listed["items"][0]
    assert (await chief.get(BASE, period="2026-09")).json()["total"] == 0


async def test_no_row_says_who_complained(demo_gateway: Gateway, chief: Caller) -> None:
    text_of = json.dumps((await issue(chief, "2026-Q4"))["rows"], ensure_ascii=False)
    with demo_gateway.db.read() as session:
        people = list(session.execute(select(Complaint.contact_name, Complaint.contact_phone)))
    assert len(people) > 20
    for name, phone in people:
        assert not (name and len(name) > 1 and name in text_of), name
        assert not (phone and phone in text_of), phone


async def test_a_running_period_says_so_and_what_comes_later_is_a_version_that_names_it(
    demo_gateway: Gateway, chief: Caller, clock: Clock
) -> None:
    first = await issue(chief, "2026-Q4")
    assert (first["whole"], first["until"]) == (False, "2026-11-23")
    talk = Talk(await demo_gateway.bound())
    await talk.open()
    number = str((await talk.submit())["fields"]["number"])
    second = await issue(chief, "2026-Q4")
    assert second["version"] == 2
    (added,) = [one for one in second["changes"] if one["field"] == "row"]
    assert (added["number"], added["old"]) == (number, None)
    assert added["new"]["status"] == "filed"
    seen = (await chief.get(f"/api/staff/complaints/{number}")).json()
    await chief.post(f"/api/staff/complaints/{number}/accept", {"version": seen["version"]})
    third = await issue(chief, "2026-Q4")
    assert {"number": number, "field": "status", "old": "filed", "new": "handling"} in third["changes"]
    assert (await chief.get(f"{BASE}/{first['id']}")).json() == first, "frozen as issued"
    clock.move_to(datetime(2027, 1, 4, 2, tzinfo=UTC))
    chief = await demo_gateway.staff("supervisor")
    last = await issue(chief, "2026-Q4")
    assert (last["version"], last["whole"]) == (4, True)
    assert {"kept": False} in [{"kept": (row["second"] or {}).get("kept")} for row in last["rows"]]
    wrong = {"2027-02": "register_future", "2026-13": "register_period"}
    for period, code in wrong.items():
        answer = await chief.post(BASE, {"period": period})
        assert (answer.status_code, answer.json()["code"]) == (422, code)


async def test_nothing_changes_removes_or_replaces_a_register(demo_gateway: Gateway, chief: Caller) -> None:
    await issue(chief)
    before = [(one.sha256, one.content) for one in _registers(demo_gateway.db)]
    statements = [
        "UPDATE complaint_registers SET version = 9",
        "UPDATE complaint_registers SET content = '{}'",
        "DELETE FROM complaint_registers",
    ]
    if demo_gateway.db.engine.dialect.name == "sqlite":
        statements.append(
            "INSERT OR REPLACE INTO complaint_registers SELECT id, branch_id, period, version, until, '{}', sha256,"
            " issued_at, issued_by FROM complaint_registers"
        )
    else:
        statements.append("TRUNCATE complaint_registers")
    for statement in statements:
        with pytest.raises(DBAPIError), demo_gateway.db.write() as session:
            session.execute(text(statement))
    assert [(one.sha256, one.content) for one in _registers(demo_gateway.db)] == before


async def test_a_register_written_past_the_guard_is_found(demo_gateway: Gateway, chief: Caller) -> None:
    await issue(chief)
    on_sqlite = demo_gateway.db.engine.dialect.name == "sqlite"
    drop = "DROP TRIGGER complaint_registers_no_update"
    drop = drop if on_sqlite else "DROP TRIGGER complaint_registers_guard ON complaint_registers"
    with demo_gateway.db.write() as session:
        session.execute(text(drop))
        row = session.scalars(select(ComplaintRegister)).one()
        row.content = row.content | {"rows": row.content["rows"][1:]}
    with demo_gateway.db.read() as session:
        assert [seal.holds for seal in sealed.seals(session) if seal.what == "register"] == [False]
    assert "audit.what.register" in all_texts()


async def test_registers_stay_within_the_branch_tree(demo_gateway: Gateway, chief: Caller) -> None:
    gateway = demo_gateway
    whole = await issue(chief)
    officer = await gateway.staff("intake")
    own = await issue(officer)
    with gateway.db.read() as session:
        branch = session.get_one(Branch, own["branch_id"])
        tree = set(session.scalars(select(Branch.id).where(Branch.path.startswith(branch.path))))
        numbers = {
            number
            for number, branch_id, at in session.execute(
                select(Complaint.number, Complaint.branch_id, Complaint.received_at)
            )
            if number and branch_id in tree and legal_date(at).strftime("%Y-%m") == "2026-10"
        }
        outside = session.scalars(
            select(Branch.id).where(Branch.id.not_in(tree), Branch.parent_id.is_not(None))
        ).first()
    assert {row["number"] for row in own["rows"]} == numbers < {row["number"] for row in whole["rows"]}
    assert [one["id"] for one in (await officer.get(BASE)).json()["items"]] == [own["id"]]
    assert {one["id"] for one in (await chief.get(BASE)).json()["items"]} == {own["id"], whole["id"]}
    for path in (f"{BASE}/{whole['id']}", f"{BASE}/{whole['id']}/file"):
        answer = await officer.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    foreign = await officer.post(BASE, {"period": "2026-10", "branch": outside})
    assert (foreign.status_code, foreign.json()["code"]) == (404, "not_found")
    with gateway.db.read() as session:
        subjects = [row.subject for row in session.scalars(select(DeniedRead).order_by(DeniedRead.id))]
    assert subjects == [f"register:{whole['id']}"] * 2 + [f"branch:{outside}"]
    for username in ("service", "auditor", "admin"):
        answer = await (await gateway.staff(username)).post(BASE, {"period": "2026-10"})
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden"), username
    assert (await (await gateway.staff("auditor")).get(BASE)).status_code == 200


async def test_workbook_and_pdf_say_what_the_register_says(demo_gateway: Gateway, chief: Caller) -> None:
    await issue(chief, "2026-Q4")
    talk = Talk(await demo_gateway.bound())
    await talk.open()
    await talk.submit()
    made = await issue(chief, "2026-Q4")
    answer = await chief.get(f"{BASE}/{made['id']}/file", form="xlsx")
    assert answer.status_code == 200
    assert "filename*=UTF-8''" in answer.headers["content-disposition"]
    book = load_workbook(io.BytesIO(answer.content))
    assert book.sheetnames == ["登记册", "汇总", "更正"]
    lines = list(book["登记册"].iter_rows(values_only=True))
    assert lines[0] == register_export.heads()
    assert [line[0] for line in lines[1:]] == [row["number"] for row in made["rows"]]
    for line, row in zip(lines[1:], made["rows"], strict=True):
        assert tuple(cell or "" for cell in line) == register_export.line(row)
    assert len(list(book["更正"].iter_rows())) == 1 + len(made["changes"])
    summed = {(line[0], line[1]): line[2] for line in book["汇总"].iter_rows(values_only=True, min_row=3)}
    assert summed["合计", None] == str(made["total"])
    assert summed["来源", "网上对话"] == str(made["sums"]["by_source"]["chat"])
    answer = await chief.get(f"{BASE}/{made['id']}/file", form="pdf")
    assert answer.headers["content-type"] == "application/pdf"
    words = "".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
    plain = "".join(words.split())
    assert made["sha256"] in plain
    assert "投诉登记册（2026年第4季度）" in plain
    for row in made["rows"]:
        assert row["number"] in plain
    assert (await chief.get(f"{BASE}/{made['id']}/file", form="doc")).status_code == 422


def test_no_cell_is_a_formula_or_stops_the_workbook() -> None:
    row = {"number": "=1+1", "branch": "+a", "received_on": "2026-10-01", "source": "chat", "kind": "service",
           "form": "complaint", "status": "told", "told_on": None, "standard": None, "second": None,
           "outcome": "=HYPERLINK(\"http://a\")\x01", "review": None, "cause": "gone_from_the_list", "provider": "@x",
           "timely": True, "outcome_sha256": None}  # fmt: skip
    content = {"rows": [row], "sums": sums([row]), "changes": [], "period": "2026-10", "until": "2026-10-31",
               "branch": "甲", "whole": True, "version": 1, "issued_by": "乙", "issued_at": NOW.isoformat(),
               "sha256": "a" * 64}  # fmt: skip
    sheet = load_workbook(io.BytesIO(register_export.workbook(content)))["登记册"]
    assert [cell.data_type for cell in sheet[2] if cell.value] == ["s"] * sum(1 for cell in sheet[2] if cell.value)
    assert sheet["A2"].value == "=1+1"
    assert register_export.pdf(content).startswith(b"%PDF")


def _improvement(gateway: Gateway, branch_id: int) -> int:
    with gateway.db.write() as session:
        row = Improvement(cause="no_show", branch_id=branch_id, opened_on=date(2026, 11, 20))
        session.add(row)
        session.flush()
        return row.id


def _branches(gateway: Gateway) -> Iterator[int]:
    with gateway.db.read() as session:
        yield from session.scalars(select(Branch.id).where(Branch.level == BranchLevel.PROVINCE).order_by(Branch.id))


async def test_an_improvement_waits_until_somebody_says_what_was_changed(demo_gateway: Gateway, chief: Caller) -> None:
    gateway = demo_gateway
    home, other, *_ = _branches(gateway)
    id_ = _improvement(gateway, home)
    hire(gateway.db, "here", branch_id=home)
    hire(gateway.db, "there", branch_id=other)
    here, there = await gateway.staff("here", PASSWORD), await gateway.staff("there", PASSWORD)
    (item,) = [one for one in (await here.get(BETTER, open=True)).json()["items"] if one["id"] == id_]
    assert (item["name"], item["closed_at"], item["clause"]) == ("约好的服务没来或晚到", None, "8.2")
    assert id_ not in {one["id"] for one in (await there.get(BETTER)).json()["items"]}
    body = {"measure": "派单前一天由支公司打电话确认"}
    assert (await there.post(f"{BETTER}/{id_}/close", body)).status_code == 404
    for username in ("auditor", "admin"):
        assert (await (await gateway.staff(username)).post(f"{BETTER}/{id_}/close", body)).status_code == 403
    assert (await here.post(f"{BETTER}/{id_}/close", {"measure": " "})).status_code == 422
    closed = (await here.post(f"{BETTER}/{id_}/close", body)).json()
    assert closed["measure"] == body["measure"]
    assert closed["closed_by"]
    again = await chief.post(f"{BETTER}/{id_}/close", body)
    assert (again.status_code, again.json()["code"]) == (409, "improvement_closed")
    assert id_ not in {one["id"] for one in (await here.get(BETTER, open=True)).json()["items"]}
    with gateway.db.read() as session:
        (event,) = session.scalars(select(AuditEvent).where(AuditEvent.subject == f"improvement:{id_}"))
    assert body["measure"] not in event.body
    assert json.loads(event.body)["measure_sha256"] == digest(body["measure"])
