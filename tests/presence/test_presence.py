"""Who else is there: between two processes, within the branches, gone by itself, nothing of it in a log."""

import logging
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from anze.conversations.usecases import hand_off
from anze.identity.models import Branch, DeniedRead, Role, Staff
from anze.presence import api, usecases
from anze.presence.models import Presence
from anze.presence.rules import BEAT, OPEN, TYPING, Doing, doing
from tests.conftest import NOW
from tests.helpers import gateway as gateways
from tests.helpers.complainant import Talk
from tests.helpers.gateway import Gateway
from tests.helpers.staffing import PASSWORD, hire


def test_a_sign_runs_out_within_ten_seconds_of_the_last() -> None:
    assert doing(NOW + OPEN, None, NOW) == Doing.OPEN
    assert doing(NOW + OPEN, NOW + TYPING, NOW) == Doing.TYPING
    assert doing(NOW + OPEN, NOW, NOW) == Doing.OPEN
    assert doing(NOW, NOW + TYPING, NOW) is None
    assert timedelta(seconds=10) > OPEN + BEAT
    assert timedelta(seconds=10) > TYPING + BEAT
    assert timedelta(seconds=3) >= BEAT
    assert 2 * BEAT < OPEN


async def _case(gateway: Gateway) -> tuple[str, str]:
    caller = await gateway.bound()
    talk = Talk(caller)
    await talk.open()
    number = str((await talk.submit())["fields"]["number"])
    with gateway.db.write() as session:
        hand_off(session, caller.conversation_id, "asked", NOW)
    return number, caller.conversation_id


async def test_colleagues_see_each_other_through_two_processes_and_lose_each_other_in_time(
    demo_gateway: Gateway, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = demo_gateway
    number, talk = await _case(here)
    now = datetime.now(tz=NOW.tzinfo)
    monkeypatch.setattr(api, "real_now", lambda: now)
    async with gateways.opened(here.db, here.services.clock, here.services.settings.data) as there:
        one, other = await here.staff("intake"), await there.staff("supervisor")
        path = f"/api/staff/complaints/{number}/presence"
        assert (await one.post(path)).json() == {"colleagues": []}
        with here.db.read() as session:
            name = session.scalars(select(Staff.name).where(Staff.username == "intake")).one()
        assert (await other.get(path)).json() == {"colleagues": [{"name": name, "doing": "open"}]}
        assert (await one.get(path)).json() == {"colleagues": []}, "nobody sees oneself"
        now += OPEN
        assert (await other.get(path)).json() == {"colleagues": []}

        said = f"/api/staff/conversations/{talk}/presence"
        await one.post(said, {"doing": "typing"})
        assert (await other.post(said)).json()["colleagues"] == [{"name": name, "doing": "typing"}]
        now += TYPING
        await one.post(said)
        assert (await other.get(said)).json()["colleagues"] == [{"name": name, "doing": "open"}]
        assert (await here.client.delete(said, headers=one.headers)).status_code == 204
        assert (await other.get(said)).json()["colleagues"] == []


async def test_what_was_sent_is_written_no_more(demo_gateway: Gateway) -> None:
    gateway = demo_gateway
    _, talk = await _case(gateway)
    with gateway.db.write() as session:
        staff = session.scalars(select(Staff).where(Staff.username == "intake")).one()
        speaker = usecases.Speaker("x", staff_id=staff.id, role=staff.role, branch_path=staff.branch.path)
        subject = usecases.talk(talk)
        usecases.come(session, speaker, subject, Doing.TYPING, NOW)
        usecases.stop(session, speaker, subject)
        row = session.scalars(select(Presence).where(Presence.staff_id == staff.id)).one()
        assert (row.open_until, row.typing_until) == (NOW + OPEN, None)


async def test_only_who_may_see_the_case_learns_it_and_an_auditor_leaves_no_sign(
    demo_gateway: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="anze")
    gateway = demo_gateway
    number, talk = await _case(gateway)
    with gateway.db.read() as session:
        hunan = session.scalars(select(Branch.id).where(Branch.name == "湖南省分公司")).one()
        name = session.scalars(select(Staff.name).where(Staff.username == "intake")).one()
    hire(gateway.db, "elsewhere", Role.INTAKE, branch_id=hunan)
    one, other, auditor = (
        await gateway.staff("intake"), await gateway.staff("elsewhere", PASSWORD), await gateway.staff("auditor"),
    )  # fmt: skip
    for path, subject in ((f"complaints/{number}", f"complaint:{number}"),
                          (f"conversations/{talk}", f"conversation:{talk}")):  # fmt: skip
        address = f"/api/staff/{path}/presence"
        await one.post(address, {"doing": "typing"})
        assert (await other.get(address)).status_code == 404
        assert (await other.post(address)).status_code == 404
        assert (await gateway.client.delete(address, headers=other.headers)).status_code == 404
        assert (await auditor.post(address)).json()["colleagues"] == [{"name": name, "doing": "typing"}]
        assert (await one.get(address)).json() == {"colleagues": []}
        with gateway.db.read() as session:
            assert subject in session.scalars(select(DeniedRead.subject)).all()
    assert (await one.post(f"/api/staff/complaints/{number}/presence", {"doing": "x"})).status_code == 422
    assert name not in caplog.text
    assert number not in caplog.text
