"""A hazard is found: written once, told at once, photos readable, nobody else's order."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from anze.audit import chain
from anze.bookings.models import Service
from anze.channels.models import OutboxChannel, OutboxMessage, OutboxState
from anze.conversations.models import Conversation, SharedFile
from anze.conversations.pushing import PENDING
from anze.errors import DomainError
from anze.hazards import usecases as hazards
from anze.hazards.models import Hazard, HazardFile, HazardLevel
from anze.identity.denied import DeniedError
from anze.policies.models import Insured
from anze.tasks.models import Task, TaskKind
from tests.conftest import NOW
from tests.hazards.conftest import WORDS
from tests.helpers.firm import SECOND, check_of, firm_of, staff, write
from tests.helpers.gateway import PNG, Gateway

Find = Callable[..., dict[str, Any]]


def row(gateway: Gateway, number: str) -> Hazard:
    with gateway.db.read() as session:
        return session.scalars(select(Hazard).where(Hazard.number == number)).one()


async def test_a_major_hazard_is_told_at_once_and_asks_for_a_date(demo_gateway: Gateway, find: Find) -> None:
    firm = await firm_of(demo_gateway)
    async with firm.caller.events() as stream:
        await stream.next("state")
        made = find()
        assert made["told"] == [firm.caller.conversation_id]
        demo_gateway.services.hub.wake(made["told"][0])
        shown = (await stream.next("message"))["data"]
    assert all(words in shown["text"] for words in (*WORDS.values(), made["number"], "重大事故隐患"))
    assert [b["title"] for b in shown["buttons"]] == ["约定整改日期"]
    assert shown["citations"][0]["clause"] == "6.2"
    hazard = row(demo_gateway, made["number"])
    assert (hazard.notified_at, hazard.agreed_on, hazard.status) == (NOW, None, "open")
    assert made["number"].startswith("YH20261123")
    with demo_gateway.db.read() as session:
        pending = session.get_one(Conversation, firm.caller.conversation_id).state["slots"][PENDING]
        assert (pending["intent"], pending["entities"]) == ("hazard_propose", {"hazard_no": made["number"]})
        assert chain.verify(session) == []
        events_ = session.scalars(select(chain.AuditEvent).where(chain.AuditEvent.kind == "hazard.found")).all()
        assert WORDS["description"] not in "".join(e.body for e in events_)


async def test_a_form_that_is_open_does_not_keep_it_back_and_is_not_disturbed(
    demo_gateway: Gateway, find: Find
) -> None:
    firm = await firm_of(demo_gateway)
    state = {"slots": {"complaint_story": "x"}, "loop": "complaint_form"}
    with demo_gateway.db.write() as session:
        session.get_one(Conversation, firm.caller.conversation_id).state = state
    assert find()["told"]
    with demo_gateway.db.read() as session:
        assert session.get_one(Conversation, firm.caller.conversation_id).state == state


async def test_the_same_record_twice_is_one_hazard(demo_gateway: Gateway, find: Find) -> None:
    firm = await firm_of(demo_gateway)
    first, again = find(client_id="same"), find(client_id="same", place="别处")
    assert (first["number"], first["new"], again["new"], again["told"]) == (again["number"], True, False, [])
    assert row(demo_gateway, first["number"]).place == WORDS["place"]
    assert sum(first["number"] in m["text"] for m in await firm.caller.history()) == 1
    assert find(client_id="other")["number"] != first["number"]


async def test_without_a_talk_a_text_message_leaves_and_counts_when_sent(demo_gateway: Gateway, find: Find) -> None:
    made = find("general")
    hazard = row(demo_gateway, made["number"])
    assert (made["told"], hazard.notified_at) == ([], None)
    with demo_gateway.db.write() as session:
        out = session.scalars(select(OutboxMessage).where(OutboxMessage.subject == f"hazard:{hazard.id}")).one()
        assert (out.channel, out.recipient, out.due_at) == (OutboxChannel.SMS, SECOND[1], NOW)
        assert WORDS["advice"] in out.text
        assert out.fallback == [{"channel": "phone_task", "recipient": f"branch:{hazard.branch_id}"}]
        assert hazards.note_sent(session) == 0
        out.state, out.sent_at = OutboxState.SENT, NOW
        session.flush()
        assert hazards.note_sent(session) == 1
        assert hazards.note_sent(session) == 0
    assert row(demo_gateway, made["number"]).notified_at == NOW


async def test_without_any_phone_a_colleague_calls(demo_gateway: Gateway, find: Find) -> None:
    with demo_gateway.db.write() as session:
        session.get_one(Insured, check_of(demo_gateway).insured_id).contact_phone = None
    made = find()
    with demo_gateway.db.read() as session:
        calls = select(Task).where(Task.kind == TaskKind.PHONE_CALL, Task.subject.startswith("hazard:"))
        task = session.scalars(calls.where(Task.done_at.is_(None))).one()
        assert task.body["number"] == made["number"]
        assert not session.scalars(select(OutboxMessage).where(OutboxMessage.step == "found")).all()


async def test_photos_go_to_the_insured(demo_gateway: Gateway, find: Find) -> None:
    firm = await firm_of(demo_gateway)
    provider = await demo_gateway.staff("provider-2")
    photo = await provider.file("配电箱.png")
    made = find(file_ids=[photo])
    hazard = row(demo_gateway, made["number"])
    with demo_gateway.db.read() as session:
        shared = session.scalars(select(SharedFile).where(SharedFile.file_id == photo)).one()
        assert (shared.subject, shared.insured_id) == (f"hazard:{hazard.id}", hazard.insured_id)
        assert session.scalars(select(HazardFile.kind).where(HazardFile.file_id == photo)).all() == ["found"]
    (shown,) = [m for m in await firm.caller.history() if made["number"] in m["text"]]
    assert [f["file_id"] for f in shown["files"]] == [photo]
    got = await firm.caller.get(f"/api/files/{photo}")
    assert (got.status_code, got.content) == (200, PNG)
    other = await firm.caller.file("自己的.png")
    with pytest.raises(DomainError, match="file_unknown"):
        find(file_ids=[other])


async def test_only_in_services_of_ones_own_that_have_begun(demo_gateway: Gateway, find: Find) -> None:
    number = check_of(demo_gateway).number
    for name in ("provider", "provider-3", "provider-4"):
        speaker = staff(demo_gateway, name)
        with pytest.raises(DeniedError):
            write(demo_gateway, lambda s, who=speaker: hazards.found(
                s, who, number, level=HazardLevel.MAJOR, client_id="d", file_ids=[], now=NOW, **WORDS))  # fmt: skip
    firm = await firm_of(demo_gateway)
    insured = (await firm.turn("x")).turn.speaker
    with pytest.raises(DeniedError):
        write(demo_gateway, lambda s: hazards.found(
            s, insured, number, level=HazardLevel.MAJOR, client_id="d", file_ids=[], now=NOW, **WORDS))  # fmt: skip

    def becomes(status: str) -> None:
        with demo_gateway.db.write() as session:
            session.scalars(select(Service).where(Service.number == number)).one().status = status

    for status in ("requested", "confirmed", "cancelled", "refused", "no_show"):
        becomes(status)
        with pytest.raises(DomainError, match="hazard_service"):
            find()
    becomes("ongoing")
    with pytest.raises(DomainError, match="hazard_incomplete"):
        find(advice=" ")
    with demo_gateway.db.read() as session:
        mine = select(func.count()).select_from(Hazard).join(Service).where(Service.number == number)
        assert session.scalar(mine) == 0
    assert find()["new"]
