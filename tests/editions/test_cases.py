"""A complaint stays on the edition under which it began: its dates, reasons, clauses and letters."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from anze.audit.models import AuditEvent
from anze.clock import Clock
from anze.complaints.editions import refuse_missing
from anze.complaints.models import Complaint
from anze.letters.content import content_of
from anze.letters.models import LetterKind
from anze.standard.editions import read_editions
from anze.standard.load import KNOWLEDGE, KnowledgeError
from anze.standard.usecases import answer, cite
from tests.conftest import NOW
from tests.editions.conftest import AFTER
from tests.helpers.complainant import Talk
from tests.helpers.gateway import Caller, Gateway
from tests.helpers.second_edition import CITE, DRAFT, FINAL

CASES = "/api/staff/complaints"
PARTS = {"findings": "查了。", "basis": "标准 6.4 a)。", "reasons": "记录不全。", "outcome": "两周内补做。"}


async def filed(talk: Talk) -> str:
    """A complaint of the first fixed customer, in a talk of its own; its number."""
    own = Talk(await talk.caller.gateway.bound())
    await own.open()
    return str((await own.submit())["fields"]["number"])


async def seen(officer: Caller, number: str) -> dict[str, Any]:
    found = await officer.get(f"{CASES}/{number}")
    assert found.status_code == 200, found.text
    case: dict[str, Any] = found.json()
    return case


async def test_what_began_before_stays_and_what_begins_after_gets_the_new_term(
    talk: Talk, officer: Caller, clock: Clock
) -> None:
    before = await filed(talk)
    old = await seen(officer, before)
    clock.move_to(AFTER)
    after = await filed(talk)
    kept = ("edition", "due_on", "second_due_on", "working_to", "provisional", "explanation", "version")
    now = await seen(officer, before)
    assert {name: now[name] for name in kept} == {name: old[name] for name in kept}
    assert (old["edition"], old["due_on"]) == (DRAFT, "2026-12-14")
    assert "15 个工作日（参照 AQ 9010.1（征求意见稿，2025年7月） 6.4 a)）" in "\n".join(old["explanation"])
    new = await seen(officer, after)
    assert (new["edition"], new["due_on"]) == (FINAL, "2026-12-15")
    assert f"10 个工作日（按{CITE} 6.4 a)）" in "\n".join(new["explanation"]).replace("按 ", "按")


async def test_the_day_of_receipt_decides_not_the_day_of_entry(officer: Caller, clock: Clock) -> None:
    clock.move_to(AFTER)
    slip = {"source": "phone", "story": "等了一天没人来，打电话也没人接", "contact_name": "周工", "reason": "周末来电"}
    for received, key in (("2026-11-29", DRAFT), ("2026-11-30", FINAL)):
        made = await officer.post(CASES, slip | {"received_on": received})
        assert made.status_code in {200, 201}, made.text
        assert (await seen(officer, made.json()["number"]))["edition"] == key


async def test_a_filed_complaint_is_acknowledged_with_the_clauses_of_its_edition(talk: Talk, clock: Clock) -> None:
    await talk.open()
    clock.move_to(AFTER)
    done = await talk.submit()
    assert done["edition"] == DRAFT, "it began with its first words"
    cited = cite(done["clauses"], done["edition"])
    assert "15个工作日" in cited[0]["text"]
    assert all("征求意见稿" in one["version"] for one in cited)


async def test_the_letter_of_an_old_case_quotes_its_own_edition(talk: Talk, officer: Caller, clock: Clock) -> None:
    before = await filed(talk)
    clock.move_to(AFTER)
    after = await filed(talk)
    for number, says, not_says in ((before, "15个工作日", "10个工作日"), (after, "10个工作日", "15个工作日")):
        case = await seen(officer, number)
        decided = await officer.post(f"{CASES}/{number}/decide", {"version": case["version"]} | PARTS)
        assert decided.status_code == 200, decided.text
        issued = await officer.post(f"{CASES}/{number}/letters/decision")
        assert issued.status_code == 201, issued.text
        with talk.services.db.read() as session:
            event = session.scalars(
                select(AuditEvent).where(AuditEvent.kind == "complaint.letter_issued").order_by(AuditEvent.seq.desc())
            ).first()
            assert event is not None
            assert json.loads(event.body)["edition"] == case["edition"]
            row = session.scalars(select(Complaint).where(Complaint.number == number)).one()
            said = str(content_of(session, row, LetterKind.DECISION, clock.now(), talk.services.dates).rows["clauses"])
        assert says in said
        assert not_says not in said


async def test_an_answer_is_by_the_edition_in_force_today(clock: Clock, demo_gateway: Gateway) -> None:
    assert "15个工作日" in answer("投诉几天答复")["citations"][0]["text"]
    clock.move_to(AFTER)
    found = answer("投诉几天答复")
    assert "10个工作日" in found["citations"][0]["text"]
    assert found["citations"][0]["version"] == CITE
    assert "15个工作日" in answer("投诉几天答复", DRAFT)["citations"][0]["text"]
    assert demo_gateway.services.dates.edition(NOW) == DRAFT


async def test_where_another_edition_has_the_clause_otherwise_a_line_says_so(
    clock: Clock, demo_gateway: Gateway
) -> None:
    assert answer("投诉几天答复")["fields"]["lead"].endswith(f"{CITE}从2026-11-30起施行，6.4 a)的写法和现在不同。")
    assert "写法" not in answer("投诉救济途径有哪些")["fields"]["lead"]
    clock.move_to(AFTER)
    lead = answer("投诉几天答复")["fields"]["lead"]
    assert "10个工作日" in lead
    assert lead.endswith("参照 AQ 9010.1（征求意见稿，2025年7月）里6.4 a)的写法不同，按那一版开始的事不变。")


async def test_the_start_is_refused_when_the_edition_of_a_case_is_gone(
    talk: Talk, clock: Clock, tmp_path: Path
) -> None:
    clock.move_to(AFTER)
    await talk.file()
    both = read_editions(KNOWLEDGE, tmp_path, clock.today)
    draft_only = read_editions(KNOWLEDGE, None, clock.today)
    with talk.services.db.read() as session:
        refuse_missing(session, both)
        with pytest.raises(KnowledgeError, match=f"1 件投诉.*{FINAL}"):
            refuse_missing(session, draft_only)
