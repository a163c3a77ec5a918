"""The jobs: each kind of work for itself, never late, never twice at a time."""

import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from anze.audit import heads
from anze.audit.chain import append
from anze.clock import Clock
from anze.db import Database
from anze.reminders.models import ReminderState
from anze.serve import exporting, sweep, ways_out
from anze.services import Services
from anze.surveys.models import Survey, SurveyStatus
from tests.conftest import Ticks
from tests.helpers.fake_rasa import FakeRasa
from tests.helpers.gateway import services_over
from tests.helpers.reminding import World, shanghai


@pytest.fixture
async def services(database: Database, clock: Clock, tmp_path: Path) -> AsyncIterator[Services]:
    services = services_over(database, FakeRasa("engine"), clock, tmp_path)
    yield services
    await services.turns.close()
    await services.rasa.close()


async def test_a_step_that_fails_is_named_and_the_others_run(
    services: Services, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    world = World(services.db, services.clock)
    firm = world.firm()
    key = f"service:{world.service(firm, shanghai('2026-12-01 09:00'))}"
    world.plan("booking_visit", key, shanghai("2026-12-01 09:00").date(), firm.insured)
    world.to("2026-11-26 09:00")

    async def broken(_: Services) -> None:
        raise ValueError("13800000001")

    monkeypatch.setitem(sweep.STEPS, "stale_complaints", broken)
    with caplog.at_level(logging.ERROR):
        await sweep.sweep(services)
    assert "stale_complaints failed: ValueError" in caplog.text
    assert "13800000001" not in caplog.text
    assert len(world.said(firm.conversation_id)) == 1


async def test_a_clock_that_jumps_works_off_once_what_fell_due(services: Services) -> None:
    world = World(services.db, services.clock)
    firm = world.firm()
    for day in ("2026-12-01", "2026-12-02", "2026-12-15"):
        service = world.service(firm, shanghai(f"{day} 13:30"))
        world.plan("booking_visit", f"service:{service}", shanghai(f"{day} 13:30").date(), firm.insured)
    world.to("2026-12-01 09:30")
    async with services.hub.listen(firm.conversation_id) as woken:
        await sweep.sweep(services)
        assert woken.is_set()
    (said,) = world.said(firm.conversation_id)
    assert said.index("12-01") < said.index("12-02"), "by the time at which each fell due"
    assert "12-15" not in said
    await sweep.sweep(services)
    assert len(world.said(firm.conversation_id)) == 1


async def test_a_follow_up_that_was_asked_is_written_down(services: Services) -> None:
    world = World(services.db, services.clock)
    bound, unbound = world.firm(), world.firm(bound=False)
    surveys = [world.survey(firm, shanghai("2026-12-07 09:00").date()) for firm in (bound, unbound)]
    for firm, survey in zip((bound, unbound), surveys, strict=True):
        world.plan("survey_ask", f"survey:{survey}", shanghai("2026-11-24 09:00").date(), firm.insured)
    world.to("2026-11-24 09:00")
    await sweep.sweep(services)
    with world.db.read() as session:
        rows = [session.get_one(Survey, id_) for id_ in surveys]
    assert [(row.status, row.asked_at) for row in rows] == [(SurveyStatus.ASKED, world.now)] * 2
    assert {row.state for row in world.rows("survey_ask")} == {ReminderState.SENT, ReminderState.VOID}


async def test_messages_wait_in_a_demo_and_become_calls_elsewhere(services: Services) -> None:
    world = World(services.db, services.clock)
    firm = world.firm(bound=False)
    service = world.service(firm, shanghai("2026-12-01 09:00"))
    world.plan("booking_visit", f"service:{service}", shanghai("2026-12-01 09:00").date(), firm.insured)
    world.to("2026-11-26 09:00")
    await sweep.sweep(services)
    object.__setattr__(services, "demo", True)
    await sweep.deliver(services)
    assert [row.state for row in world.outbox()] == ["queued"]
    object.__setattr__(services, "demo", False)
    await sweep.deliver(services)
    assert [row.state for row in world.outbox()] == ["failed", "delivered"]
    assert len(world.tasks()) == 1


async def test_the_jobs_are_never_late_and_never_twice_at_a_time(services: Services) -> None:
    jobs = sweep.scheduler(services).get_jobs()
    assert [job.func for job in jobs] == [sweep.sweep, sweep.deliver, sweep.import_files]
    assert [job.trigger.interval.total_seconds() for job in jobs] == [5, 1, 5], "somebody waits for an answer"
    for job in jobs:
        assert (job.misfire_grace_time, job.coalesce, job.max_instances) == (None, True, 1)
    assert ways_out.voice(services).public_url == services.settings.public_url


async def test_the_head_is_exported_once_a_day_and_at_the_end(services: Services, ticks: Ticks) -> None:
    def event(session: Session) -> None:
        append(session, at=services.clock.now(), kind="test.done", subject="test:1", actor="system", body={})

    path = services.settings.heads_file
    await services.db.in_write(event)
    await sweep.sweep(services)
    await sweep.sweep(services)
    assert [line.seq for line in heads.read(path)] == [1]
    await services.db.in_write(event)
    await sweep.sweep(services)
    assert len(heads.read(path)) == 1, "not twice a day"
    ticks.advance(14 * 3600)
    await sweep.sweep(services)
    assert [(line.no, line.seq) for line in heads.read(path)] == [(1, 1), (2, 2)]
    await exporting.export_last(services)
    assert len(heads.read(path)) == 2, "nothing new"
    await services.db.in_write(event)
    await exporting.export_last(services)
    assert [line.seq for line in heads.read(path)] == [1, 2, 3]


async def test_a_full_disk_ends_nothing(services: Services, caplog: pytest.LogCaptureFixture) -> None:
    def event(session: Session) -> None:
        append(session, at=services.clock.now(), kind="test.done", subject="test:1", actor="system", body={})

    await services.db.in_write(event)
    services.settings.heads_file.parent.touch()
    with caplog.at_level(logging.ERROR):
        await exporting.export_last(services)
        await sweep.sweep(services)
    assert "was not exported: NotADirectoryError" in caplog.text
    assert "audit_heads failed: NotADirectoryError" in caplog.text
    services.settings.heads_file.parent.unlink()
    await sweep.sweep(services)
    assert [line.seq for line in heads.read(services.settings.heads_file)] == [1]


async def test_a_chain_that_contradicts_its_heads_is_said_in_the_log(
    services: Services, caplog: pytest.LogCaptureFixture, ticks: Ticks
) -> None:
    path = services.settings.heads_file
    await sweep.sweep(services)
    first = heads.read(path)[0]
    heads.add(path, replace(first, no=2, seq=9, previous=first.line_sha256))
    ticks.advance(24 * 3600)
    with caplog.at_level(logging.ERROR):
        await sweep.sweep(services)
    assert "does not hold 1 exported heads" in caplog.text
    assert [line.no for line in heads.read(path)] == [1, 2, 3]
