"""Reports of 9.2 over HTTP: the four situations found in the data, drafted, approved by another, sent, receipted."""

import asyncio
import io
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pypdf
import pytest
from docx import Document
from sqlalchemy import select, text

from anze.audit import chain
from anze.audit.registry import seals
from anze.bookings.models import Service, ServiceStatus
from anze.clock import Clock
from anze.hazards.models import Hazard, HazardLevel, HazardStatus
from anze.hazards.overdue import mark_overdue
from anze.identity.models import Branch, Role
from anze.management.models import QualityCheck
from anze.policies.models import Insured
from anze.reports import usecases as reports
from anze.reports.models import Candidate
from tests.helpers.firm import events, firm_of
from tests.helpers.gateway import Caller, Gateway
from tests.helpers.rows import difference, snapshot
from tests.helpers.staffing import PASSWORD, hire

LIST = "/api/staff/reports"
STATEMENT = '三次电话、一次上门，均未整改。\n=HYPERLINK("x") 也只是字。'


async def staff(gateway: Gateway, name: str, role: Role, branch: str = "总公司") -> Caller:
    """Somebody newly hired, signed in."""
    with gateway.db.read() as session:
        branch_id = session.scalars(select(Branch.id).where(Branch.short_name == branch)).one()
    hire(gateway.db, name, role, branch_id=branch_id)
    return await gateway.staff(name, PASSWORD)


def found(gateway: Gateway, kind: str, subject: str) -> int:
    with gateway.db.read() as session:
        query = select(Candidate.id).where(Candidate.kind == kind, Candidate.subject == subject)
        return session.scalars(query).one()


async def overdue_hazard(gateway: Gateway, clock: Clock) -> int:
    """a: the agreed date of a major hazard goes by."""
    with gateway.db.read() as session:
        hazard = session.scalars(
            select(Hazard).where(
                Hazard.level == HazardLevel.MAJOR, Hazard.status == HazardStatus.OPEN,
                Hazard.agreed_on >= clock.today(), Hazard.rectified_at.is_(None),
            )
        ).first()  # fmt: skip
        assert hazard is not None
        assert hazard.agreed_on is not None
        subject, last = f"hazard:{hazard.id}", hazard.agreed_on
        noted = select(Candidate.id).where(Candidate.subject == subject)
        assert session.scalars(noted).all() == [], "not before the date"
    clock.move_to(datetime.combine(last + timedelta(days=1), time(1), UTC))
    with gateway.db.write() as session:
        assert mark_overdue(session, clock.now()) >= 1
    return found(gateway, "a", subject)


async def refusing_firm(gateway: Gateway, _: Clock) -> int:
    """b: a manager notes that the firm does not want the service."""
    with gateway.db.read() as session:
        service = session.scalars(select(Service).where(Service.status == ServiceStatus.CONFIRMED)).first()
        assert service is not None
    caller = await gateway.staff("service-head", PASSWORD)
    body = {"version": service.version, "words": "老板说忙，以后都不要来"}
    answer = await caller.post(f"/api/staff/bookings/{service.number}/refused", body)
    assert answer.status_code == 200, answer.text
    return found(gateway, "b", f"service:{service.id}")


async def money_wanted(gateway: Gateway, _: Clock) -> int:
    """c: the demand is made again in the talk, after the explanation."""
    firm = await firm_of(gateway)
    said = await firm.do(reports.money_back, True, text="服务我不要，把服务费折现退给我")
    assert (said["kind"], said["new"]) == ("recorded", True)
    return found(gateway, "c", f"conversation:{firm.caller.conversation_id}:insured:{firm.insured_id}")


async def fake_by_spot_check(gateway: Gateway, _: Clock) -> int:
    """d: a spot check finds that nobody was there."""
    with gateway.db.read() as session:
        id_ = session.scalars(select(QualityCheck.id).where(QualityCheck.outcome.is_(None))).first()
    caller = await gateway.staff("service-head", PASSWORD)
    body = {"outcome": "fake", "findings": "客户说没有人来过，照片是别家的"}
    assert (await caller.post(f"/api/staff/quality-checks/{id_}/found", body)).status_code == 204
    return found(gateway, "d", f"quality:{id_}")


async def fake_by_report_number(gateway: Gateway, clock: Clock) -> int:
    """d: a provider's report number stands under services of two firms."""
    with gateway.db.write() as session:
        done = session.scalars(
            select(Service).where(Service.report_no.is_not(None), Service.provider_id.is_not(None)).limit(1)
        ).one()
        other = session.scalars(
            select(Service).where(Service.status == ServiceStatus.CONFIRMED, Service.insured_id != done.insured_id)
        ).first()
        assert other is not None
        other.provider_id, other.status, other.started_at = done.provider_id, ServiceStatus.ONGOING, clock.now()
        number, version, report, id_ = other.number, other.version, done.report_no, other.id
    caller = await gateway.staff("service-head", PASSWORD)
    body = {"version": version, "completed_on": clock.today().isoformat(), "report_no": report, "process": "做了"}
    answer = await caller.post(f"/api/staff/bookings/{number}/complete", body)
    assert answer.status_code == 200, answer.text
    return found(gateway, "d", f"service:{id_}")


SITUATIONS = [overdue_hazard, refusing_firm, money_wanted, fake_by_spot_check, fake_by_report_number]


async def confirmed(gateway: Gateway, writer: Caller, chief: Caller, id_: int) -> None:
    reason = {"reason": "电话核实过"}
    assert (await writer.post(f"{LIST}/{id_}/confirm", reason)).status_code == 200
    assert (await chief.post(f"{LIST}/{id_}/approve", reason)).status_code == 200


async def drafted(writer: Caller, id_: int, statement: str = STATEMENT) -> dict[str, Any]:
    authority = (await writer.get(f"{LIST}/{id_}/drafts/authorities")).json()["items"][0]
    answer = await writer.post(f"{LIST}/{id_}/drafts", {"authority": authority["id"], "statement": statement})
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def code(caller: Caller, path: str, body: dict[str, Any] | None = None) -> tuple[int, str]:
    answer = await caller.post(path, body or {})
    return answer.status_code, answer.json().get("code", "")


def sound(gateway: Gateway) -> None:
    with gateway.db.read() as session:
        assert chain.verify(session) == []
        assert [seal for seal in seals(session) if not seal.holds] == []


@pytest.mark.parametrize("situation", SITUATIONS)
async def test_each_situation_goes_all_the_way(demo_gateway: Gateway, clock: Clock, situation: Any) -> None:
    gateway = demo_gateway
    with gateway.db.read() as session:
        office = session.scalars(select(Branch.id).where(Branch.level == "head")).one()
    hire(gateway.db, "service-head", Role.SERVICE, branch_id=office)
    id_ = await situation(gateway, clock)
    writer = await gateway.staff("service-head", PASSWORD)
    chief = await gateway.staff("supervisor")
    await confirmed(gateway, writer, chief, id_)
    before = snapshot(gateway.db)
    draft = await drafted(writer, id_)
    assert (draft["version"], draft["state"]) == (1, "draft")
    pdf = await writer.get(f"{LIST}/{id_}/drafts/1/file", form="pdf")
    word = await chief.get(f"{LIST}/{id_}/drafts/1/file", form="docx")
    candidate = (await writer.get(f"{LIST}/{id_}")).json()
    said = "".join(pypdf.PdfReader(io.BytesIO(pdf.content)).pages[0].extract_text().split())
    written = "\n".join(paragraph.text for paragraph in Document(io.BytesIO(word.content)).paragraphs)
    for words in (candidate["firm"], candidate["kind_text"], draft["number"], draft["authority"], "情况说明"):
        assert words in written
        assert "".join(words.split()) in said
    assert candidate["words"] in written
    assert chain.digest(pdf.content) == draft["sha256"]

    path = f"{LIST}/{id_}/drafts/1"
    assert await code(writer, f"{path}/sent", {"way": "document", "on": "2026-11-23", "document_no": "1"}) == (
        409, "regulator_report_not_now",
    )  # fmt: skip
    assert await code(writer, f"{path}/approve") == (403, "forbidden")
    assert (await chief.post(f"{path}/approve")).json()["state"] == "approved"
    today = clock.today().isoformat()
    sent = {"way": "document", "on": today, "document_no": "苏安责〔2026〕9号"}
    assert (await writer.post(f"{path}/sent", sent)).json()["state"] == "sent"
    assert await code(writer, f"{path}/sent", sent) == (409, "regulator_report_not_now")
    receipt = {"on": today, "number": "HZ1", "file_id": await writer.file("回执.png")}
    view = (await writer.post(f"{path}/receipt", receipt)).json()
    assert (view["state"], view["receipt_no"], view["document_no"]) == ("received", "HZ1", "苏安责〔2026〕9号")
    assert (await chief.get(f"{path}/file", form="receipt")).status_code == 200
    subject = next(iter(s for s in _subjects(gateway) if s.startswith("regulator_report:")))
    assert events(gateway, subject) == [
        "regulator.drafted", "regulator.approved", "regulator.sent", "regulator.receipt",
    ]  # fmt: skip
    changed = difference(before, snapshot(gateway.db))
    assert set(changed.added) == {"regulator_reports", "files", "audit_events"}, "no message: the program sends nothing"
    sound(gateway)


def _subjects(gateway: Gateway) -> list[str]:
    with gateway.db.read() as session:
        return list(session.execute(text("SELECT DISTINCT subject FROM audit_events")).scalars())


@pytest.fixture
async def people(demo_gateway: Gateway) -> tuple[Caller, Caller, Caller]:
    """A writer of head office, and two supervisors there."""
    return (
        await staff(demo_gateway, "service-head", Role.SERVICE), await demo_gateway.staff("supervisor"),
        await staff(demo_gateway, "other-chief", Role.SUPERVISOR),
    )  # fmt: skip


@pytest.fixture
async def approved(demo_gateway: Gateway, clock: Clock, people: tuple[Caller, Caller, Caller]) -> int:
    """A case of b) that a supervisor has approved."""
    id_ = await refusing_firm(demo_gateway, clock)
    await confirmed(demo_gateway, people[0], people[1], id_)
    return id_


async def test_nobody_approves_the_own_draft(people: tuple[Caller, Caller, Caller], approved: int) -> None:
    _, chief, other = people
    await drafted(chief, approved)
    path = f"{LIST}/{approved}/drafts/1"
    assert await code(chief, f"{path}/approve") == (409, "four_eyes")
    assert await code(chief, f"{path}/return", {"reason": "不好"}) == (409, "four_eyes")
    assert (await other.post(f"{path}/approve")).status_code == 200


async def test_two_approvals_at_once_are_one(
    demo_gateway: Gateway, people: tuple[Caller, Caller, Caller], approved: int
) -> None:
    writer, chief, other = people
    await drafted(writer, approved)
    path = f"{LIST}/{approved}/drafts/1/approve"
    answers = await asyncio.gather(*(caller.post(path) for caller in (chief, other, chief, other)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    with demo_gateway.db.read() as session:
        kinds = session.execute(text("SELECT kind FROM audit_events WHERE kind = 'regulator.approved'")).all()
        assert len(kinds) == 1
    sound(demo_gateway)


async def test_two_drafts_at_once_are_two_versions_or_one(people: tuple[Caller, Caller, Caller], approved: int) -> None:
    writer, chief, _ = people
    authority = (await writer.get(f"{LIST}/{approved}/drafts/authorities")).json()["items"][0]["id"]
    body = {"authority": authority, "statement": "说明"}
    answers = await asyncio.gather(*(caller.post(f"{LIST}/{approved}/drafts", body) for caller in (writer, chief)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    items = (await writer.get(f"{LIST}/{approved}/drafts")).json()["items"]
    assert [one["version"] for one in items] == list(range(len(items), 0, -1))
    assert [one["state"] for one in items if one["state"] == "draft"] == ["draft"]


async def test_sent_back_and_drafted_anew(
    demo_gateway: Gateway, people: tuple[Caller, Caller, Caller], approved: int
) -> None:
    writer, chief, _ = people
    await drafted(writer, approved)
    path = f"{LIST}/{approved}/drafts"
    back = (await chief.post(f"{path}/1/return", {"reason": "写清楚上门的日子"})).json()
    assert (back["state"], back["reason"]) == ("returned", "写清楚上门的日子")
    assert await code(chief, f"{path}/1/approve") == (409, "regulator_report_not_now")
    second = await drafted(writer, approved, "11月20日上门")
    assert second["version"] == 2
    assert (await drafted(writer, approved, "11月20日上门两次"))["version"] == 3
    states = [one["state"] for one in (await writer.get(path)).json()["items"]]
    assert states == ["draft", "replaced", "returned"]
    assert await code(chief, f"{path}/2/approve") == (409, "regulator_report_not_now")
    assert (await chief.post(f"{path}/3/approve")).status_code == 200
    assert await code(writer, path, {"authority": second["authority_id"], "statement": "再来"}) == (
        409, "regulator_report_not_now",
    )  # fmt: skip
    sound(demo_gateway)


async def test_what_is_not_confirmed_is_not_drafted_nor_approved_as_a_report(
    demo_gateway: Gateway, clock: Clock, people: tuple[Caller, Caller, Caller]
) -> None:
    writer, chief, _ = people
    id_ = await refusing_firm(demo_gateway, clock)
    authority = (await writer.get(f"{LIST}/{id_}/drafts/authorities")).json()["items"][0]["id"]
    body = {"authority": authority, "statement": "说明"}
    assert await code(writer, f"{LIST}/{id_}/drafts", body) == (409, "regulator_report_not_now")
    await writer.post(f"{LIST}/{id_}/confirm", {"reason": "是"})
    assert (await writer.post(f"{LIST}/{id_}/drafts", body)).status_code == 201
    assert await code(chief, f"{LIST}/{id_}/drafts/1/approve") == (409, "regulator_report_candidate")


async def test_only_to_an_authority_of_the_insureds_place(
    demo_gateway: Gateway, people: tuple[Caller, Caller, Caller], approved: int
) -> None:
    writer = people[0]
    with demo_gateway.db.read() as session:
        firm = session.get_one(Insured, session.get_one(Candidate, approved).insured_id)
    items = (await writer.get("/api/staff/authorities", size=200)).json()["items"]
    fitting = (await writer.get(f"{LIST}/{approved}/drafts/authorities")).json()["items"]
    assert {one["province"] for one in fitting} == {firm.province}
    assert {one["city"] for one in fitting} <= {None, firm.city}
    other = next(one for one in items if one["province"] != firm.province)
    path = f"{LIST}/{approved}/drafts"
    assert await code(writer, path, {"authority": other["id"], "statement": "说明"}) == (422, "authority_place")
    ended = fitting[0]["id"]
    assert (await writer.post(f"/api/staff/authorities/{ended}/end")).status_code == 200
    assert await code(writer, path, {"authority": ended, "statement": "说明"}) == (409, "authority_ended")
    assert await code(writer, path, {"authority": 10**6, "statement": "说明"}) == (404, "not_found")


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"on": "2026-11-22"}, (422, "delivery_day")), ({"on": "2026-11-24"}, (422, "delivery_day")),
        ({"way": "pigeon"}, (422, "bad_request")), ({"document_no": " "}, (422, "bad_request")),
        ({"document_no": "x" * 61}, (422, "bad_request")), ({"on": "soon"}, (422, "bad_request")),
    ],
)  # fmt: skip
async def test_a_sending_that_cannot_be_is_refused(
    people: tuple[Caller, Caller, Caller], approved: int, changed: dict[str, Any], expected: tuple[int, str]
) -> None:
    writer, chief, _ = people
    await drafted(writer, approved)
    path = f"{LIST}/{approved}/drafts/1"
    await chief.post(f"{path}/approve")
    body = {"way": "platform", "on": "2026-11-23", "document_no": "P1"}
    assert await code(writer, f"{path}/sent", body | changed) == expected
    assert (await writer.post(f"{path}/sent", body)).status_code == 200
    strange = await chief.file("x.png")
    receipt = {"on": "2026-11-23", "number": "1", "file_id": strange}
    assert await code(writer, f"{path}/receipt", receipt) == (422, "regulator_file"), "somebody else's upload"
    mine = receipt | {"file_id": await writer.file()}
    assert await code(writer, f"{path}/receipt", mine | {"on": "2026-11-22"}) == (422, "delivery_day")
    answers = await asyncio.gather(*(writer.post(f"{path}/receipt", mine) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]


async def test_another_tree_sees_and_does_nothing(
    demo_gateway: Gateway, people: tuple[Caller, Caller, Caller], approved: int
) -> None:
    await drafted(people[0], approved)
    with demo_gateway.db.read() as session:
        branch = session.get_one(Branch, session.get_one(Candidate, approved).branch_id)
        far = "山西" if branch.province != "山西省" else "湖南"
    stranger = await staff(demo_gateway, "far-chief", Role.SUPERVISOR, far)
    path = f"{LIST}/{approved}/drafts"
    for answer in (
        await stranger.get(path), await stranger.get(f"{path}/1/file"), await stranger.get(f"{path}/authorities"),
        await stranger.post(f"{path}/1/approve"), await stranger.post(f"{path}/1/return", {"reason": "x"}),
        await stranger.post(path, {"authority": 1, "statement": "x"}),
    ):  # fmt: skip
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_what_was_altered_behind_the_programs_back_is_found(
    demo_gateway: Gateway, people: tuple[Caller, Caller, Caller], approved: int
) -> None:
    writer, chief, _ = people
    await drafted(writer, approved)
    path = f"{LIST}/{approved}/drafts/1"
    await chief.post(f"{path}/approve")
    await writer.post(f"{path}/sent", {"way": "platform", "on": "2026-11-23", "document_no": "P1"})
    receipt = {"on": "2026-11-23", "number": "1", "file_id": await writer.file()}
    await writer.post(f"{path}/receipt", receipt)
    sound(demo_gateway)
    for change, what in (
        ("statement = 'x'", "regulator_draft"), ("judged_by = 'staff:1'", "regulator_approved"),
        ("document_no = 'P2'", "regulator_sent"), ("receipt_no = '2'", "regulator_receipt"),
        ("receipt_by = NULL", "regulator_receipt"),
    ):  # fmt: skip
        assert what in _broken(demo_gateway, f"UPDATE regulator_reports SET {change}"), change
    assert "authority" in _broken(demo_gateway, "UPDATE authorities SET name = name || 'x' WHERE id = 1")


def _broken(gateway: Gateway, statement: str) -> set[str]:
    """What the seals say after a statement that is then undone."""
    with gateway.db.read() as session:
        session.execute(text(statement))
        return {seal.what for seal in seals(session) if not seal.holds}
