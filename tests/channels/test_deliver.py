"""The outbox: once under one key, again when refused for now, the next channel when refused for good."""

from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from anze.app import public_app
from anze.bookings.models import Service, ServiceStatus
from anze.channels.models import OutboxMessage, OutboxState
from anze.channels.outbox import store
from anze.channels.outbox.adapter import Absent, Outcome, Parcel, Refusal, Refused, Taken
from anze.channels.outbox.signing import headers
from anze.conversations.turns import real_now
from anze.identity.models import Challenge, ChallengePurpose
from anze.serve.ways_out import adapters, code_is_good
from anze.settings import Settings
from anze.tasks.models import TaskKind
from tests.helpers.fake_rasa import FakeRasa
from tests.helpers.gateway import services_over
from tests.helpers.reminding import World, shanghai

CALL = [{"channel": "phone_task", "recipient": "branch:1"}]


class Scripted:
    """Answers as it is told, then takes everything."""

    def __init__(self, *answers: Outcome) -> None:
        self.answers = deque(answers)
        self.parcels: list[Parcel] = []

    async def send(self, parcel: Parcel) -> Outcome:
        self.parcels.append(parcel)
        return self.answers.popleft() if self.answers else Taken(f"x{len(self.parcels)}")


def add(world: World, **more: Any) -> int:
    values = {
        "channel": "sms", "subject": "notice:1", "step": "said", "recipient": "13900000001", "text": "有事", "body": {},
        "due_at": world.now, "fallback": CALL,
    } | more  # fmt: skip
    with world.db.write() as session:
        row = OutboxMessage(**values)
        session.add(row)
        session.flush()
        return row.id


async def deliver(world: World, sms: Any, **more: Any) -> None:
    await world.deliverer({"sms": sms}, **more).run(lambda _: None)


async def test_a_message_is_sent_once_and_its_name_kept(world: World) -> None:
    add(world)
    sms = Scripted()
    await deliver(world, sms)
    await deliver(world, sms)
    (row,) = world.outbox()
    assert (row.state, row.external_id, row.tries, row.sent_at) == (OutboxState.SENT, "x1", 1, world.now)
    assert len(sms.parcels) == 1


async def test_nothing_is_sent_before_it_is_due(world: World) -> None:
    add(world, due_at=world.now + timedelta(hours=1))
    sms = Scripted()
    await deliver(world, sms)
    assert sms.parcels == []
    world.to("2026-11-23 11:00")
    await deliver(world, sms)
    assert len(sms.parcels) == 1


async def test_a_refusal_for_now_is_tried_again_later_under_the_same_key(world: World) -> None:
    add(world)
    sms = Scripted(Refused(Refusal.UNAVAILABLE, "503"), Refused(Refusal.RATE, "429", 120.0))
    clock = [real_now()]
    for seconds, tries in ((0, 1), (4, 1), (1, 2), (100, 2), (20, 3)):
        clock[0] += timedelta(seconds=seconds)
        await deliver(world, sms, real_now=lambda: clock[0])
        assert len(sms.parcels) == tries, seconds
    assert len({parcel.key for parcel in sms.parcels}) == 1
    assert world.outbox()[0].state == OutboxState.SENT


async def test_a_refusal_for_good_becomes_a_call_by_the_branch(world: World) -> None:
    add(world, body={"name": "第1化工厂"})
    await deliver(world, Scripted(Refused(Refusal.PERMANENT, "no_such_number")))
    first, second = world.outbox()
    assert (first.state, first.error, first.sent_at) == (OutboxState.FAILED, "no_such_number", None)
    assert (second.channel, second.replaces_id, second.state) == ("phone_task", first.id, OutboxState.DELIVERED)
    (task,) = world.tasks()
    assert (task.kind, task.branch_id) == (TaskKind.PHONE_CALL, 1)
    assert task.body["phone"] == "13900000001"


async def test_the_last_resort_is_staff_also_when_nobody_named_one(world: World) -> None:
    add(world, fallback=[])
    await deliver(world, Absent())
    (task,) = world.tasks()
    assert task.branch_id == 1, "head office, when the message names no branch"


async def test_what_cannot_be_sent_for_a_day_goes_the_next_way(world: World) -> None:
    add(world)
    await deliver(world, Scripted(Refused(Refusal.UNAVAILABLE, "503")))
    world.to("2026-11-24 10:00")
    sms = Scripted(Refused(Refusal.UNAVAILABLE, "503"))
    await deliver(world, sms, real_now=lambda: real_now() + timedelta(hours=1))
    assert len(world.tasks()) == 1


async def test_the_next_channel_may_be_the_page(world: World) -> None:
    talk = world.talk(None)
    add(world, fallback=[{"channel": "web", "recipient": talk}, *CALL])
    woken: list[str] = []
    await world.deliverer({"sms": Scripted(Refused(Refusal.PERMANENT, "x"))}).run(woken.append)
    assert world.said(talk) == ["有事"]
    assert woken == [talk]
    assert world.tasks() == []


async def test_a_worker_that_died_after_sending_is_followed_by_one_with_the_same_key(world: World) -> None:
    id_ = add(world)
    sms = Scripted()
    real = real_now()
    dead = world.deliverer({"sms": sms}, owner="dead", real_now=lambda: real)
    assert await dead.claim() == [id_]
    await deliver(world, sms, real_now=lambda: real + timedelta(seconds=60))
    assert sms.parcels == [], "the lease runs"
    await deliver(world, sms, real_now=lambda: real + timedelta(seconds=121))
    assert world.outbox()[0].state == OutboxState.SENT
    await dead.mark(id_, Refused(Refusal.PERMANENT, "late word of the dead"))
    assert world.outbox()[0].state == OutboxState.SENT


async def test_two_workers_take_different_rows(world: World) -> None:
    ids = [add(world, subject=f"notice:{i}") for i in range(6)]
    first = await world.deliverer({"sms": Scripted()}, batch=3).claim()
    second = await world.deliverer({"sms": Scripted()}, batch=10).claim()
    assert sorted(first + second) == ids


async def test_a_channel_without_an_adapter_is_left_alone(world: World) -> None:
    add(world)
    assert await world.deliverer({}).claim() == []
    assert world.outbox()[0].state == OutboxState.QUEUED


def test_without_settings_a_demo_keeps_its_messages_and_others_use_the_next_way() -> None:
    bare = Settings(sms_url=None, smtp_url=None)
    client = httpx.AsyncClient()
    assert adapters(bare, client, demo=True) == {}
    assert {name: type(one) for name, one in adapters(bare, client, demo=False).items()} == {
        "sms": Absent, "email": Absent,
    }  # fmt: skip
    full = Settings(sms_url="http://sms", sms_key="k", smtp_url="smtp://mail", mail_from="a@b.example")
    assert set(adapters(full, client, demo=True)) == {"sms", "email"}


@pytest.mark.parametrize(("at", "state"), [("2026-11-23 10:09", "sent"), ("2026-11-23 10:10", "void")])
async def test_a_code_that_has_run_out_is_not_sent_late(world: World, at: str, state: str) -> None:
    talk = world.talk(None)
    with world.db.write() as session:
        challenge = Challenge(
            conversation_id=talk, purpose=ChallengePurpose.BIND, pair_sha256="p", subject=None, code_sha256="c",
            created_at=world.now, expires_at=world.now + timedelta(minutes=10),
        )  # fmt: skip
        session.add(challenge)
        session.flush()
        subject = f"challenge:{challenge.id}"
    add(world, subject=subject, step="code", fallback=[])
    world.to(at)
    await deliver(world, Scripted(), wanted={"challenge": code_is_good})
    assert world.outbox()[0].state == state


async def test_a_code_that_cannot_be_sent_is_nobodys_call(world: World) -> None:
    add(world, subject="challenge:1", step="code", fallback=[])
    await deliver(world, Absent())
    assert world.outbox()[0].state == OutboxState.FAILED
    assert world.tasks() == []


async def test_a_reminder_is_read_again_before_it_leaves(world: World) -> None:
    firm = world.firm(bound=False)
    services = [world.service(firm, shanghai(f"2026-12-01 {hour}")) for hour in ("09:00", "13:30")]
    for service in services:
        world.plan("booking_visit", f"service:{service}", date(2026, 12, 1), firm.insured)
    world.to("2026-11-26 09:00")
    await world.sweep()
    (row,) = world.outbox()
    assert "有 2 件事" in row.text
    world.change(Service, services[0], status=ServiceStatus.CANCELLED)
    sms = Scripted(Refused(Refusal.UNAVAILABLE, "503"))
    await deliver(world, sms)
    assert "2 件事" not in sms.parcels[0].text
    assert "13:30" in sms.parcels[0].text
    world.change(Service, services[1], status=ServiceStatus.CANCELLED)
    await deliver(world, sms, real_now=lambda: real_now() + timedelta(hours=1))
    assert len(sms.parcels) == 1
    assert world.outbox()[0].state == OutboxState.VOID


async def test_one_row_that_breaks_holds_up_no_other(world: World) -> None:
    add(world, subject="bad:1")
    add(world, subject="notice:2")
    sms = Scripted()

    def broken(session: object, row: object, now: datetime) -> bool:
        raise ValueError("no")

    await deliver(world, sms, wanted={"bad": broken})
    assert [row.state for row in world.outbox()] == [OutboxState.CLAIMED, OutboxState.SENT]


# --- what comes back from the gateway -------------------------------------------------------------------------------

SECRET = "sms-secret"


@dataclass
class Desk:
    """The public application beside the outbox that it reports to."""

    world: World
    client: httpx.AsyncClient


@pytest.fixture
async def desk(world: World, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Desk]:
    """With the gateway's key, or the one that a test asks for."""
    rasa = FakeRasa("engine")
    services = services_over(world.db, rasa, world.clock, tmp_path)
    settings = services.settings.model_copy(update={"sms_key": getattr(request, "param", SECRET)})
    transport = httpx.ASGITransport(public_app(replace(services, settings=settings)))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield Desk(world, client)
    await services.turns.close()
    await services.rasa.close()


async def report(desk: Desk, body: str, *, key: str = SECRET, at: datetime | None = None) -> int:
    content = body.encode()
    answer = await desk.client.post(
        "/channels/sms/callback", content=content, headers=headers(key, content, at or real_now())
    )
    return answer.status_code


def key_of(world: World, id_: int) -> str:
    with world.db.read() as session:
        return store.key_for(session.get_one(OutboxMessage, id_))


async def test_delivered_is_written_down(desk: Desk) -> None:
    id_ = add(desk.world)
    await deliver(desk.world, Scripted())
    assert await report(desk, f'{{"id": "{key_of(desk.world, id_)}", "status": "delivered"}}') == 204
    assert (desk.world.outbox()[0].state, desk.world.outbox()[0].delivered_at) == (
        OutboxState.DELIVERED,
        desk.world.now,
    )


async def test_a_late_failure_makes_it_untold_once(desk: Desk) -> None:
    add(desk.world)
    await deliver(desk.world, Scripted(Taken("gw-77")))
    body = '{"id": "?", "message_id": "gw-77", "status": "failed", "code": "switched_off"}'
    for _ in range(3):
        assert await report(desk, body) == 204
    first, second = desk.world.outbox()
    assert (first.state, first.error, first.delivered_at) == (OutboxState.FAILED, "switched_off", None)
    assert second.channel == "phone_task"
    await deliver(desk.world, Scripted())
    assert len(desk.world.tasks()) == 1


async def test_a_report_that_is_faster_than_the_answer_stands(desk: Desk) -> None:
    id_ = add(desk.world)
    deliverer = desk.world.deliverer({"sms": Scripted()})
    await deliverer.claim()
    assert await report(desk, f'{{"id": "{key_of(desk.world, id_)}", "status": "delivered"}}') == 204
    await deliverer.mark(id_, Refused(Refusal.UNAVAILABLE, "timeout"))
    assert desk.world.outbox()[0].state == OutboxState.DELIVERED


async def test_the_first_final_word_stands(desk: Desk) -> None:
    id_ = add(desk.world)
    await deliver(desk.world, Scripted())
    key = key_of(desk.world, id_)
    await report(desk, f'{{"id": "{key}", "status": "delivered"}}')
    await report(desk, f'{{"id": "{key}", "status": "failed"}}')
    assert [row.state for row in desk.world.outbox()] == [OutboxState.DELIVERED]


async def test_reports_that_are_not_ours(desk: Desk) -> None:
    id_ = add(desk.world)
    with desk.world.db.write() as session:
        session.execute(update(OutboxMessage).values(state=OutboxState.SENT))
    good = f'{{"id": "{key_of(desk.world, id_)}", "status": "failed"}}'
    assert await report(desk, good, key="guessed") == 401
    assert await report(desk, good, at=real_now() - timedelta(minutes=6)) == 401
    assert (await desk.client.post("/channels/sms/callback", content=good)).status_code == 401
    assert await report(desk, '{"id": "anze-0.1", "status": "failed"}') == 404
    assert await report(desk, '{"id": "", "status": "failed"}') == 404
    assert await report(desk, '{"status": "failed"}') == 422
    assert await report(desk, "[") == 422
    assert [row.state for row in desk.world.outbox()] == [OutboxState.SENT]


@pytest.mark.parametrize("desk", [None, ""], indirect=True)
async def test_without_a_key_no_report_is_believed(desk: Desk) -> None:
    assert await report(desk, '{"id": "x", "status": "failed"}', key="") == 401
