"""Candidates at the desk: one person confirms, a supervisor approves, nothing leaves the house by itself (9.2)."""

from typing import Any

import pytest
from sqlalchemy import select

from anze.audit import chain
from anze.identity.models import Branch, DeniedRead, Role, Staff
from anze.policies.models import Policy
from anze.reports import usecases as reports
from anze.reports.models import Candidate
from tests.conftest import NOW
from tests.helpers.firm import check_of, events, write
from tests.helpers.gateway import Caller, Gateway
from tests.helpers.rows import difference, snapshot

LIST = "/api/staff/reports"
REASON = "电话里核实过，原话如此"


@pytest.fixture
def candidate(demo_gateway: Gateway) -> int:
    """One of the branch of the second fixed customer; its id."""
    service = check_of(demo_gateway)

    def note(session: Any) -> int:
        branch_id = session.get_one(Policy, service.policy_id).branch_id
        assert reports.note(
            session,
            kind="b",
            subject=f"service:{service.id}",
            insured_id=service.insured_id,
            branch_id=branch_id,
            words="到了门口不让进，说没空",
            at=NOW,
            by="system",
        )
        found = select(Candidate.id).where(Candidate.subject == f"service:{service.id}")
        return int(session.scalars(found).one())

    return write(demo_gateway, note)


async def decide(caller: Caller, id_: int, what: str, reason: str = REASON) -> tuple[int, dict[str, Any]]:
    answer = await caller.post(f"{LIST}/{id_}/{what}", {"reason": reason})
    return answer.status_code, answer.json()


async def refusal(caller: Caller, id_: int, what: str) -> tuple[int, str]:
    status, body = await decide(caller, id_, what)
    return status, str(body["code"])


async def test_confirmed_by_one_and_approved_by_a_supervisor(demo_gateway: Gateway, candidate: int) -> None:
    service, supervisor = await demo_gateway.staff("service"), await demo_gateway.staff("supervisor")
    view = (await service.get(f"{LIST}/{candidate}")).json()
    assert (view["clause"], view["state"], view["words"]) == ("9.2 b)", "open", "到了门口不让进，说没空")
    before = snapshot(demo_gateway.db)
    status, view = await decide(service, candidate, "confirm")
    assert (status, view["state"], view["reason"], view["approved_by"]) == (200, "confirmed", REASON, None)
    status, view = await decide(supervisor, candidate, "approve")
    assert (status, view["state"], view["reason"]) == (200, "approved", REASON)
    assert view["decided_by"]
    assert view["approved_by"]
    assert view["decided_by"] != view["approved_by"]
    changes = difference(before, snapshot(demo_gateway.db))
    assert set(changes.added) <= {"audit_events"}, "no message, no task: people report it"
    assert events(demo_gateway, f"candidate:{candidate}") == ["report.noted", "report.confirmed", "report.approved"]
    with demo_gateway.db.read() as session:
        assert chain.verify(session) == []


async def test_each_step_in_its_state_only(demo_gateway: Gateway, candidate: int) -> None:
    service, supervisor = await demo_gateway.staff("service"), await demo_gateway.staff("supervisor")
    for what in ("approve", "reject"):
        assert await refusal(supervisor, candidate, what) == (409, "report_not_now")
    await decide(service, candidate, "confirm")
    for what in ("confirm", "strike"):
        assert await refusal(service, candidate, what) == (409, "report_not_now")
    status, view = await decide(supervisor, candidate, "reject", "一次没空，不算不配合")
    assert (status, view["state"], view["reason"]) == (200, "struck", "一次没空，不算不配合")
    for caller, what in ((supervisor, "approve"), (supervisor, "reject"), (service, "confirm"), (service, "strike")):
        assert await refusal(caller, candidate, what) == (409, "report_not_now")


async def test_struck_by_who_handles_it(demo_gateway: Gateway, candidate: int) -> None:
    intake = await demo_gateway.staff("intake")
    status, view = await decide(intake, candidate, "strike", "是临时停电")
    assert (status, view["state"], view["reason"]) == (200, "struck", "是临时停电")


async def test_who_confirmed_does_not_approve_even_as_a_supervisor(demo_gateway: Gateway, candidate: int) -> None:
    """A service manager confirms and is promoted: another supervisor has to decide."""
    service = await demo_gateway.staff("service")
    await decide(service, candidate, "confirm")
    with demo_gateway.db.write() as session:
        session.scalars(select(Staff).where(Staff.username == "service")).one().role = Role.SUPERVISOR
    for what in ("approve", "reject"):
        assert await refusal(service, candidate, what) == (409, "four_eyes")
    assert (await decide(await demo_gateway.staff("supervisor"), candidate, "approve"))[0] == 200


@pytest.mark.parametrize(
    ("username", "allowed"),
    [
        ("intake", {"confirm", "strike"}),
        ("service", {"confirm", "strike"}),
        ("supervisor", {"approve", "reject"}),
        ("auditor", set()),
        ("admin", set()),
        ("provider-2", set()),
    ],
)
async def test_who_may_do_what(demo_gateway: Gateway, candidate: int, username: str, allowed: set[str]) -> None:
    caller = await demo_gateway.staff(username)
    for what in ("confirm", "strike", "approve", "reject"):
        state = "open" if what in {"confirm", "strike"} else "confirmed"
        with demo_gateway.db.write() as session:
            row = session.get_one(Candidate, candidate)
            row.state, row.decided_by = state, "staff:9999"
        status, body = await decide(caller, candidate, what)
        assert (status == 200) == (what in allowed), (what, body)
        if what not in allowed:
            assert (status, body["code"]) == (403, "forbidden")
            with demo_gateway.db.read() as session:
                assert session.get_one(Candidate, candidate).state == state


async def test_without_a_reason_nothing_is_decided(demo_gateway: Gateway, candidate: int) -> None:
    service = await demo_gateway.staff("service")
    for reason in ("", "  "):
        assert (await decide(service, candidate, "confirm", reason))[0] == 422
    with demo_gateway.db.read() as session:
        assert session.get_one(Candidate, candidate).state == "open"


async def test_nobody_but_the_office_comes_in(demo_gateway: Gateway, candidate: int) -> None:
    for caller in (
        await demo_gateway.visitor(),
        await demo_gateway.bound("AZ2026000002", "13800000002"),
        await demo_gateway.staff("provider-2"),
    ):
        for path in (LIST, f"{LIST}/{candidate}"):
            assert (await caller.get(path)).status_code == 403
        for what in ("confirm", "strike", "approve", "reject"):
            assert await refusal(caller, candidate, what) == (403, "forbidden")


async def test_every_candidate_walked_by_staff_of_one_branch(demo_gateway: Gateway, candidate: int) -> None:
    service = await demo_gateway.staff("service")
    with demo_gateway.db.read() as session:
        path = session.scalars(
            select(Branch.path).join(Staff, Staff.branch_id == Branch.id).where(Staff.username == "service")
        ).one()
        rows = session.execute(select(Candidate.id, Branch.path).join(Branch, Branch.id == Candidate.branch_id)).all()
    inside = {id_ for id_, other in rows if other.startswith(path)}
    outside = sorted({id_ for id_, _ in rows} - inside)
    assert candidate in inside
    assert outside
    assert {one["id"] for one in (await service.get(LIST, size=200)).json()["items"]} == inside
    for id_ in outside:
        assert (await service.get(f"{LIST}/{id_}")).status_code == 404
        assert await refusal(service, id_, "strike") == (404, "not_found")
    assert (await service.get(f"{LIST}/999999")).status_code == 404
    with demo_gateway.db.read() as session:
        denied = session.scalars(select(DeniedRead.subject).where(DeniedRead.subject.startswith("candidate:"))).all()
    assert sorted(denied) == sorted([f"candidate:{id_}" for id_ in outside] * 2)


async def test_what_waits_comes_first_and_filters_hold(demo_gateway: Gateway, candidate: int) -> None:
    supervisor = await demo_gateway.staff("supervisor")
    whole = (await supervisor.get(LIST, size=200)).json()
    items = whole["items"]
    assert whole["total"] == len(items)
    order = [(one["state"] not in {"open", "confirmed"}, one["found_at"]) for one in items]
    assert order == sorted(order)
    assert {one["state"] for one in items} == {"open", "confirmed", "approved", "struck"}
    for state in ("open", "confirmed", "approved", "struck"):
        found = (await supervisor.get(LIST, size=200, state=state)).json()["items"]
        assert {one["id"] for one in found} == {one["id"] for one in items if one["state"] == state}
    found = (await supervisor.get(LIST, size=200, kind="b")).json()["items"]
    assert [one["id"] for one in found] == [one["id"] for one in items if one["kind"] == "b"]
    assert candidate in {one["id"] for one in found}
