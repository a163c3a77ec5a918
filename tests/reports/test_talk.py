"""Money back in a talk (9.2 c): only a demand repeated after the explanation, by somebody bound, is ever kept."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.audit import chain
from anze.audit.models import AuditEvent
from anze.db import Database
from anze.policies.models import Policy
from anze.reports import usecases as reports
from anze.reports.models import Candidate, CandidateKind
from tests.conftest import NOW
from tests.helpers.firm import Firm, firm_of, write
from tests.helpers.gateway import Gateway
from tests.helpers.rows import snapshot

DEMAND = "别说这些，服务费必须返给我们厂，打到公司账上"


@pytest.fixture
async def firm(demo_gateway: Gateway) -> Firm:
    return await firm_of(demo_gateway)


def kept(gateway: Gateway) -> list[Candidate]:
    """Candidates of c)."""
    with gateway.db.read() as session:
        return list(session.scalars(select(Candidate).where(Candidate.kind == "c").order_by(Candidate.id)))


@pytest.mark.parametrize("explained", [False, True])
@pytest.mark.parametrize(
    "text",
    ["能把服务费退给我们吗", "能退不", "可以退吗", "服务费能不能返现", "这个钱可不可以返一点", "服务费退给我们不？"],
)  # fmt: skip
async def test_a_question_is_kept_nowhere_however_often(
    demo_gateway: Gateway, firm: Firm, text: str, explained: bool
) -> None:
    before = snapshot(demo_gateway.db)
    for _ in range(3):
        done = await firm.do(reports.money_back, explained, text=text)
        assert done == {"kind": "question", "fields": {}}
    after = snapshot(demo_gateway.db)
    for table in ("report_candidates", "audit_events", "tasks", "outbox"):
        assert after[table] == before[table], table


async def test_first_explained_then_kept_once_in_the_very_words(demo_gateway: Gateway, firm: Firm) -> None:
    assert (await firm.do(reports.money_back, False, text="把服务费退给我们"))["kind"] == "explain"
    assert kept(demo_gateway) == []
    done = await firm.do(reports.money_back, True, text=DEMAND)
    assert (done["kind"], done["new"]) == ("recorded", True)
    assert done["fields"]["hotline"]
    again = await firm.do(reports.money_back, True, text="今天不返就去告你们")
    assert (again["kind"], again["new"]) == ("recorded", False)
    (one,) = kept(demo_gateway)
    assert (one.words, one.state, one.found_at, one.insured_id) == (DEMAND, "open", NOW, firm.insured_id)
    assert one.found_by == (await firm.turn("x")).turn.speaker.actor
    assert one.subject == f"conversation:{firm.caller.conversation_id}:insured:{firm.insured_id}"
    with demo_gateway.db.read() as session:
        policy = session.scalars(select(Policy).where(Policy.number == "AZ2026000002")).one()
        assert one.branch_id == policy.branch_id
        (event,) = session.scalars(select(AuditEvent).where(AuditEvent.subject == f"candidate:{one.id}")).all()
        assert event.kind == "report.noted"
        assert chain.digest(DEMAND) in event.body
        assert DEMAND not in event.body
        assert chain.verify(session) == []


async def test_who_is_not_bound_demands_for_nobody(demo_gateway: Gateway) -> None:
    visitor = Firm(await demo_gateway.visitor())
    assert (await visitor.do(reports.money_back, False, text=DEMAND))["kind"] == "explain"
    assert (await visitor.do(reports.money_back, True, text=DEMAND))["kind"] == "bind"
    assert kept(demo_gateway) == []


async def test_a_button_and_a_photo_alone_are_no_demand(demo_gateway: Gateway, firm: Firm) -> None:
    assert (await firm.do(reports.money_back, True, text="费用能退吗", pressed="standard_refund"))["kind"] == "explain"
    photo = await firm.caller.file()
    assert (await firm.do(reports.money_back, True, text="", files=[photo]))["kind"] == "explain"
    assert kept(demo_gateway) == []


async def test_for_which_of_several_firms_must_be_clear(demo_gateway: Gateway, firm: Firm) -> None:
    turn = (await firm.turn(DEMAND)).turn
    several = replace(turn.speaker, acting_for_id=None, insured_ids=frozenset({firm.insured_id, firm.insured_id + 1}))
    with demo_gateway.db.write() as session:
        assert reports.money_back(session, replace(turn, speaker=several), True)["kind"] == "explain"
    assert kept(demo_gateway) == []


async def test_each_talk_and_each_firm_stands_for_itself(demo_gateway: Gateway, firm: Firm) -> None:
    other = await firm_of(demo_gateway, "AZ2026000001", "13800000001")
    later = await firm_of(demo_gateway)
    for one in (firm, other, later):
        assert (await one.do(reports.money_back, True, text=DEMAND))["new"] is True
    assert [row.insured_id for row in kept(demo_gateway)] == [firm.insured_id, other.insured_id, firm.insured_id]


def note(session: Session, kind: CandidateKind | str = "d", words: str = "报告是编的") -> bool:
    return reports.note(
        session, kind=kind, subject="service:1", insured_id=1, branch_id=1, words=words, at=NOW, by="staff:1"
    )


async def test_one_of_a_kind_about_a_matter_and_struck_it_stays_struck(demo_gateway: Gateway) -> None:
    assert write(demo_gateway, note) is True
    assert write(demo_gateway, lambda s: note(s, words="又说了一遍")) is False
    assert write(demo_gateway, lambda s: note(s, "b")) is True, "another kind is another matter"
    with demo_gateway.db.write() as session:
        about = select(Candidate).where(Candidate.subject == "service:1", Candidate.kind == "d")
        session.scalars(about).one().state = "struck"
    assert write(demo_gateway, note) is False
    with demo_gateway.db.read() as session:
        one = session.scalars(about).one()
        assert (one.state, one.words) == ("struck", "报告是编的")
    with pytest.raises(ValueError, match="e"):
        write(demo_gateway, lambda s: note(s, "e"))


async def test_noted_by_many_at_once_it_is_one(demo_gateway: Gateway) -> None:
    db: Database = demo_gateway.db
    noted = await asyncio.gather(*(db.in_write(note) for _ in range(12)))
    assert sorted(noted) == [False] * 11 + [True]
    with db.read() as session:
        one = session.scalars(select(Candidate).where(Candidate.subject == "service:1")).one()
        events = select(AuditEvent).where(AuditEvent.subject == f"candidate:{one.id}")
        assert len(session.scalars(events).all()) == 1
        assert chain.verify(session) == []
