"""Every route of the staff, found in the application itself, so that a new one cannot be forgotten."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Select, func, literal, select

from anze.bookings.models import Service
from anze.complaints.desk_models import ComplaintRegister
from anze.complaints.models import Complaint
from anze.conversations.models import Conversation, Handoff
from anze.db import Database
from anze.hazards.models import Hazard
from anze.identity.models import Branch, BranchLevel, DeniedRead, Role
from anze.imports.models import Import, ImportState
from anze.plans.models import ServicePlan
from anze.policies.models import Policy, PolicyInsured
from anze.providers.models import Provider
from anze.regulators.models import DataSubmission, EvaluationRequest, Mechanism
from anze.reports.models import Candidate
from anze.surveys.models import Survey
from anze.tasks.models import Task, TaskKind
from tests.helpers.gateway import Caller, Gateway
from tests.helpers.routes import routes
from tests.helpers.staffing import PASSWORD, hire

OPEN = {("POST", "/api/staff/login")}
"""What somebody who is not signed in may call."""
OFFICE = [role for role in Role if role != Role.PROVIDER]
OWN = {"/api/staff/sessions"}
"""What every staff member may read, a provider's person too: it is their own."""
ADMINISTRATION = ("/api/staff/users", "/api/staff/branches", "/api/staff/imports")
"""Only for administrators, and all that lies beneath"""

_PARAMETER = re.compile(r"\{(\w+)\}")
_SERVICES = select(Service.number).join(Policy, Policy.id == Service.policy_id)
FOREIGN: dict[str, Callable[[list[int]], Select[Any]]] = {
    "bookings": lambda ours: _SERVICES.where(Policy.branch_id.not_in(ours)),
    "complaints": lambda ours: select(Complaint.number).where(
        Complaint.branch_id.not_in(ours), Complaint.number.is_not(None)
    ),
    "complaints/registers": lambda ours: select(ComplaintRegister.id).where(ComplaintRegister.branch_id.not_in(ours)),
    "conversations": lambda ours: select(Conversation.id).where(
        Conversation.branch_id.not_in(ours), Conversation.handoff != Handoff.BOT
    ),
    "archives": lambda ours: select(PolicyInsured.insured_id).where(
        PolicyInsured.insured_id.not_in(
            select(PolicyInsured.insured_id)
            .join(Policy, Policy.id == PolicyInsured.policy_id)
            .where(Policy.branch_id.in_(ours))
        )
    ),
    "evaluations": lambda ours: select(EvaluationRequest.id).where(EvaluationRequest.branch_id.not_in(ours)),
    "handovers": lambda ours: select(DataSubmission.id).where(DataSubmission.branch_id.not_in(ours)),
    "mechanisms": lambda ours: select(Mechanism.id).where(Mechanism.branch_id.not_in(ours)),
    "fees/policies": lambda ours: select(Policy.number).where(Policy.branch_id.not_in(ours)),
    "imports": lambda ours: select(Import.id).where(Import.branch_id.not_in(ours)),
    "hazards": lambda ours: select(Hazard.number).where(Hazard.branch_id.not_in(ours)),
    "plans": lambda ours: select(ServicePlan.id).where(ServicePlan.branch_id.not_in(ours)),
    "providers": lambda ours: select(Provider.id),
    "reports": lambda ours: select(Candidate.id).where(Candidate.branch_id.not_in(ours)),
    "records": lambda ours: _SERVICES.where(
        Policy.branch_id.not_in(ours), Service.status == "completed", Service.completed_on.is_not(None)
    ),
    "right-requests": lambda ours: select(func.replace(Task.subject, "right_request:", "")).where(
        Task.branch_id.not_in(ours), Task.kind == TaskKind.RIGHT_REQUEST, Task.done_at.is_(None)
    ),
    "surveys": lambda ours: _SERVICES.join(Survey, Survey.service_id == Service.id).where(
        Policy.branch_id.not_in(ours)
    ),
}
"""By the noun in the path: what other branches have of it. A noun with a new route for one of its kind needs a line."""
RULES = {"obligations": "follow_up"}
"""Nouns whose parameter names no row of a branch but a rule of the standard: everybody may ask of the own branches."""
FURTHER: dict[str, Callable[[list[int]], Select[Any]]] = {
    "kind": lambda ours: select(literal("decision")),
    "branch_id": lambda ours: select(Branch.id).where(Branch.id.not_in(ours)),
    "id_": lambda ours: select(literal(1)),
    "version": lambda ours: select(literal(1)),
    "record_id": lambda ours: select(literal(1)),
    "file_id": lambda ours: select(literal("f")),
}
"""Values for parameters after the first."""


def _filled(path: str, value: str = "1") -> str:
    return _PARAMETER.sub(value, path)


def _reads(gateway: Gateway) -> list[str]:
    return [path for method, path in routes(gateway.app, "/api/staff") if method == "GET"]


async def _call(gateway: Gateway, method: str, path: str, token: str | None = None) -> tuple[int, str]:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    body = {} if method in {"GET", "DELETE"} else {"json": {}}
    answer = await gateway.client.request(method, path, headers=headers, **body)  # type: ignore[arg-type]
    return answer.status_code, answer.json().get("code", "")


async def test_nobody_who_is_not_signed_in_reaches_any_of_them(gateway: Gateway) -> None:
    found = list(routes(gateway.app, "/api/staff"))
    assert len(found) > 40
    assert set(found) >= OPEN
    for method, path in found:
        if (method, path) not in OPEN:
            assert await _call(gateway, method, _filled(path)) == (401, "unauthorised"), (method, path)


async def test_somebody_on_the_insureds_side_reaches_none(gateway: Gateway) -> None:
    visitor = await gateway.visitor()
    for method, path in routes(gateway.app, "/api/staff"):
        if (method, path) not in OPEN:
            assert await _call(gateway, method, _filled(path), visitor.token) == (403, "forbidden"), (method, path)
    with gateway.db.read() as session:
        assert session.scalars(select(DeniedRead)).all() == [], "whoever can be anybody fills no table"


async def test_a_one_time_password_opens_the_change_of_the_password_and_nothing_else(gateway: Gateway) -> None:
    hire(gateway.db, "new", Role.ADMIN, must_change=True)
    answer = await gateway.client.post("/api/staff/login", json={"username": "new", "password": PASSWORD})
    assert answer.json()["must_change"] is True
    token = answer.json()["token"]
    closed = 0
    for method, path in routes(gateway.app, "/api"):
        without = await _call(gateway, method, _filled(path))
        if without[0] == 401 and path != "/api/staff/password":
            assert await _call(gateway, method, _filled(path), token) == (403, "password_must_change"), (method, path)
            closed += 1
    assert closed > 70
    assert await _call(gateway, "POST", "/api/staff/password", token) == (422, "bad_request")


def _a_province(database: Database) -> tuple[int, list[int]]:
    """A branch below the head office, and its whole tree."""
    with database.read() as session:
        province = session.scalars(
            select(Branch).where(Branch.level == BranchLevel.PROVINCE).order_by(Branch.id.desc())
        ).first()
        assert province is not None
        return province.id, list(session.scalars(select(Branch.id).where(Branch.path.startswith(province.path))))


def _path_to(database: Database, path: str, ours: list[int]) -> str:
    """The address of something that another branch has."""
    names = _PARAMETER.findall(path)
    if not names:
        return path
    noun = path.split("/")[3]
    noun = next((one for one in FOREIGN if path.startswith(f"/api/staff/{one}/{{")), noun)
    if noun in RULES:
        return _filled(path, RULES[noun])
    with database.read() as session:
        value = session.scalars(FOREIGN[noun](ours)).first()
        assert value is not None, noun
        filled = path.replace(f"{{{names[0]}}}", str(value))
        for name in names[1:]:
            filled = filled.replace(f"{{{name}}}", str(session.scalars(FURTHER[name](ours)).first()))
    return filled


async def _with_a_register(gateway: Gateway) -> None:
    """The head office issues one, and hands data over: the demo has none of either."""
    chief = await gateway.staff("supervisor")
    answer = await chief.post("/api/staff/complaints/registers", {"period": "2026-10"})
    assert answer.status_code == 201, answer.text
    answer = await chief.post("/api/staff/handovers", {"province": "江苏省", "period": "2026-Q3"})
    assert answer.status_code == 201, answer.text


def _with_an_import(gateway: Gateway) -> None:
    """Head office brought a file: the demo has none."""
    with gateway.db.write() as session:
        session.add(Import(
            kind="policies", branch_id=1, file_name="x", file_sha256="0" * 64, file_size=1,
            state=ImportState.DROPPED, created_at=gateway.services.clock.now(),
        ))  # fmt: skip


def _denied(database: Database) -> list[tuple[str, str]]:
    with database.read() as session:
        return [(row.actor, row.subject) for row in session.scalars(select(DeniedRead).order_by(DeniedRead.id))]


@pytest.mark.parametrize("role", OFFICE)
async def test_what_is_anothers_is_refused_and_on_record_whatever_the_role(demo_gateway: Gateway, role: Role) -> None:
    gateway = demo_gateway
    await _with_a_register(gateway)
    _with_an_import(gateway)
    home, ours = _a_province(gateway.db)
    staff_id = hire(gateway.db, "somebody", role, branch_id=home)
    caller: Caller = await gateway.staff("somebody", PASSWORD)
    expected: list[tuple[str, str]] = []
    for path in _reads(gateway):
        address = _path_to(gateway.db, path, ours)
        answer = await caller.get(address)
        if path.split("/")[3] in RULES:
            assert answer.status_code == 200, address
            if path.endswith("}"):
                assert {item["branch_id"] for item in answer.json()["items"]} <= set(ours), address
            continue
        if path.startswith(ADMINISTRATION) and role != Role.ADMIN:
            assert (answer.status_code, answer.json()["code"]) == (403, "forbidden"), address
        elif "{" in path:
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), address
        else:
            assert answer.status_code == 200, address
            continue
        after = _denied(gateway.db)
        assert len(after) == len(expected) + 1, f"{address} left no trace"
        assert after[-1][0] == f"staff:{staff_id}"
        expected = after
    assert len(expected) > 6


async def test_a_providers_person_reads_nothing_of_the_office_and_is_on_record(demo_gateway: Gateway) -> None:
    gateway = demo_gateway
    await _with_a_register(gateway)
    _with_an_import(gateway)
    _, ours = _a_province(gateway.db)
    caller = await gateway.staff("provider")
    wanted = []
    for path in _reads(gateway):
        address = _path_to(gateway.db, path, ours)
        answer = await caller.get(address)
        assert answer.status_code == (200 if path in OWN else 403), address
        wanted += [] if path in OWN else [address[:80]]
    assert [subject for _, subject in _denied(gateway.db)] == wanted


async def test_what_is_not_there_and_what_is_done_leave_no_trace(demo_gateway: Gateway) -> None:
    gateway = demo_gateway
    caller = await gateway.staff("supervisor")
    request = _path_to(gateway.db, "/api/staff/right-requests/{request_id}", [])
    decided = await caller.post(f"{request}/decide", {"accept": False, "reason": "不认识"})
    assert decided.status_code == 200, decided.text
    again = await caller.post(f"{request}/decide", {"accept": False, "reason": "不认识"})
    missing = await caller.get("/api/staff/right-requests/999999/photo")
    assert (again.status_code, missing.status_code) == (404, 404)
    assert _denied(gateway.db) == []
