"""What staff do with a case, over HTTP: each step with its dates, its notices and its record; and what is refused."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from anze.audit.chain import verify
from anze.audit.models import AuditEvent
from anze.channels.models import OutboxMessage, OutboxState
from anze.clock import Clock
from anze.complaints import escalating, extending, notices
from anze.complaints.handling_models import Notice
from anze.complaints.models import Complaint
from anze.complaints.settling import queue_day
from anze.tasks.models import Task
from tests.complaints.test_decision import PARTS, case, newest, read
from tests.helpers.complainant import Talk
from tests.helpers.gateway import Caller, Gateway


def shanghai(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00").astimezone(UTC)


class Desk:
    """One officer and one case."""

    def __init__(self, gateway: Gateway, officer: Caller, number: str) -> None:
        self.gateway, self.officer, self.number = gateway, officer, number

    async def seen(self) -> dict[str, Any]:
        answer = await self.officer.get(f"/api/staff/complaints/{self.number}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def do(self, step: str, by: Caller | None = None, **body: Any) -> httpx.Response:
        """One step on the case as it stands."""
        version = (await self.seen())["version"]
        return await (by or self.officer).post(
            f"/api/staff/complaints/{self.number}/{step}", {"version": version} | body
        )

    async def ok(self, step: str, by: Caller | None = None, **body: Any) -> dict[str, Any]:
        answer = await self.do(step, by, **body)
        assert answer.status_code == 200, f"{step}: {answer.text}"
        return dict(answer.json())

    async def refused(self, step: str, by: Caller | None = None, **body: Any) -> str:
        answer = await self.do(step, by, **body)
        assert answer.status_code in {403, 409, 422}, answer.text
        return str(answer.json()["code"])

    @property
    def row(self) -> Complaint:
        return case(self.gateway, self.number)

    async def sent(self, state: OutboxState = OutboxState.SENT) -> None:
        """The channel takes (or refuses) every text message about the case that waits."""
        now = self.gateway.services.clock.now()

        def work(session: Any) -> None:
            query = select(OutboxMessage).where(OutboxMessage.subject == f"complaint:{self.row.id}")
            for message in session.scalars(query.where(OutboxMessage.state == OutboxState.QUEUED)):
                message.state, message.sent_at = state, now if state == OutboxState.SENT else None
            session.flush()
            notices.note_outbox(session, now, self.gateway.services.dates)

        await self.gateway.db.in_write(work)


@pytest.fixture
async def desk(demo_gateway: Gateway, officer: Caller, number: str) -> Desk:
    return Desk(demo_gateway, officer, number)


def dated(row: Complaint) -> tuple[str | None, str | None]:
    return (str(row.due_on) if row.due_on else None, str(row.second_due_on) if row.second_due_on else None)


async def test_accepting_tells_who_handles_it(desk: Desk, talk: Talk) -> None:
    shown = await desk.ok("accept")
    assert shown["status"] == "handling"
    said = (await talk.caller.history())[-1]["text"]
    assert desk.number in said
    assert "已受理" in said
    assert "2026-12-14" in said
    assert desk.row.handler_id is not None
    assert await desk.refused("accept") == "complaint_accepted"


async def test_a_complex_case_moves_when_the_complainant_was_told(desk: Desk, talk: Talk, clock: Clock) -> None:
    await desk.ok("accept")
    clock.move_to(shanghai("2026-11-30T10:00"))
    await desk.ok("classify", reason="要核对三家机构的记录")
    assert dated(desk.row) == ("2026-12-14", "2026-12-08"), "nobody has read it and nothing was sent yet"
    said = (await talk.caller.history())[-1]["text"]
    for words in ("2026-12-14", "2026-12-31", "三家机构", "电话"):
        assert words in said
    await read(talk.caller, await newest(talk.caller))
    assert dated(desk.row) == ("2026-12-31", "2026-12-23")
    assert desk.row.queue_on == queue_day(desk.row)
    assert await desk.refused("classify", reason="再来一次") == "complaint_classified"


async def test_a_text_message_tells_when_it_is_sent_and_untells_when_it_comes_back(desk: Desk) -> None:
    await desk.ok("accept")
    await desk.sent()
    await desk.ok("classify", reason="情况复杂")
    await desk.sent()
    assert dated(desk.row)[0] == "2026-12-31"

    def comes_back(session: Any) -> None:
        for message in session.scalars(select(OutboxMessage).where(OutboxMessage.step.startswith("classification"))):
            message.state = OutboxState.FAILED
        session.flush()
        notices.note_outbox(session, desk.gateway.services.clock.now(), desk.gateway.services.dates)

    await desk.gateway.db.in_write(comes_back)
    assert dated(desk.row)[0] == "2026-12-14"


async def test_a_late_classification_is_recorded_and_cures_nothing(desk: Desk, clock: Clock) -> None:
    await desk.ok("accept")
    clock.move_to(shanghai("2026-12-15T09:00"))
    shown = await desk.ok("classify", reason="才发现复杂")
    await desk.sent()
    shown = await desk.seen()
    assert shown["overdue"] is True
    assert any("补救期限" in line for line in shown["explanation"])
    assert dated(desk.row)[0] == "2026-12-31"


async def test_an_extension_needs_the_body_above_and_a_notice(
    desk: Desk, talk: Talk, clock: Clock, demo_gateway: Gateway
) -> None:
    head_office = await demo_gateway.staff("supervisor")
    await desk.ok("accept")
    assert await desk.refused("extend", reason="还要等鉴定") == "complaint_not_classified"
    await desk.ok("classify", reason="情况复杂")
    await desk.sent()
    clock.move_to(shanghai("2026-12-21T10:00"))
    await desk.ok("extend", reason="外地现场还没查完")
    assert await desk.refused("extend", reason="再要一次") == "extension_asked"
    assert await desk.refused("extension", approve=True, words="同意") == "forbidden", "an officer approves nothing"
    before = dated(desk.row)
    await desk.ok("extension", by=head_office, approve=True, words="同意延长")
    assert dated(desk.row) == before, "approved, not yet told"
    await read(talk.caller, await newest(talk.caller))
    assert dated(desk.row)[0] is not None
    assert dated(desk.row)[0] > before[0]  # type: ignore[operator]
    assert dated(desk.row)[1] == "2027-01-22"
    assert await desk.refused("extend", reason="再延") == "extension_once"


async def test_an_extension_after_the_old_date_is_refused(desk: Desk, clock: Clock, demo_gateway: Gateway) -> None:
    head_office = await demo_gateway.staff("supervisor")
    await desk.ok("accept")
    await desk.ok("classify", reason="情况复杂")
    await desk.sent()
    await desk.ok("extend", reason="还没查完")
    clock.move_to(shanghai("2027-01-01T00:10"))
    assert await desk.refused("extension", by=head_office, approve=True, words="同意") == "extension_late"
    await desk.ok("extension", by=head_office, approve=False, words="太晚了")
    assert await desk.refused("extend", reason="再要") == "extension_late"


async def test_an_unanswered_request_goes_one_level_up_by_itself(desk: Desk, clock: Clock) -> None:
    await desk.ok("accept")
    await desk.ok("classify", reason="情况复杂")
    await desk.sent()
    await desk.ok("extend", reason="还没查完")
    services = desk.gateway.services

    async def escalate() -> None:
        await services.db.in_write(lambda s: extending.escalate(s, clock.now(), services.calendar))

    def asked() -> int:
        with desk.gateway.db.read() as session:
            row = session.scalars(select(Complaint).where(Complaint.number == desk.number)).one()
            return row.extensions[-1].branch_id

    first = asked()
    await escalate()
    assert asked() == first
    clock.move_to(shanghai("2026-11-24T17:31"))
    await escalate()
    above = asked()
    assert above != first
    await escalate()
    assert asked() == above, "once"


async def test_the_clock_stops_from_the_notice_and_goes_on_with_the_result(
    desk: Desk, talk: Talk, clock: Clock
) -> None:
    await desk.ok("accept")
    clock.move_to(shanghai("2026-11-30T10:00"))
    pause = {"body": "省检测中心", "purpose": "鉴定风机", "commissioned_on": "2026-11-27", "expected_on": "2026-12-10"}
    await desk.ok("pause", **pause)
    assert not desk.row.paused, "nobody was told yet"
    await read(talk.caller, await newest(talk.caller))
    assert desk.row.paused
    assert dated(desk.row) == (None, None)
    assert await desk.refused("pause", **pause) == "complaint_paused"
    assert await desk.refused("decide", **PARTS) == "complaint_paused"
    clock.move_to(shanghai("2026-12-07T15:00"))
    await desk.ok("resume", returned_on="2026-12-07", result="风机合格")
    # 11-30 … 12-04 are left out (told on 11-30): five working days, seven calendar days.
    assert dated(desk.row) == ("2026-12-21", "2026-12-15")
    assert "2026-12-21" in (await talk.caller.history())[-1]["text"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"commissioned_on": "2026-11-24"}, "pause_commissioned"),
        ({"commissioned_on": "2026-11-22"}, "pause_commissioned"),
        ({"expected_on": "2026-11-23"}, "pause_expected"),
    ],
)
async def test_days_of_a_pause_that_cannot_be(desk: Desk, change: dict[str, str], code: str) -> None:
    await desk.ok("accept")
    body = {"body": "中心", "purpose": "鉴定", "commissioned_on": "2026-11-23", "expected_on": "2026-12-10"} | change
    assert await desk.refused("pause", **body) == code


async def test_a_stale_officer_changes_nothing(desk: Desk) -> None:
    seen = await desk.seen()
    await desk.ok("accept")
    before = desk.row
    stale = await desk.officer.post(
        f"/api/staff/complaints/{desk.number}/withdraw", {"version": seen["version"], "said": "不投诉了"}
    )
    assert (stale.status_code, stale.json()["code"]) == (409, "complaint_changed")
    assert (desk.row.status, desk.row.version) == (before.status, before.version)


async def test_somebody_with_an_interest_does_not_handle_it(desk: Desk, demo_gateway: Gateway) -> None:
    await desk.ok("stand-aside", reason="投诉人是我亲戚")
    assert await desk.refused("accept") == "complaint_interest"
    supervisor = await demo_gateway.staff("supervisor")
    assert await desk.refused("assign", by=supervisor, username="intake") == "complaint_interest"
    await desk.ok("accept", by=supervisor)


async def test_a_posted_decision_ends_the_case(desk: Desk, clock: Clock) -> None:
    await desk.ok("accept")
    await desk.ok("decide", **PARTS)
    assert (
        await desk.refused("notices", about="decision", channel="page", recipient="x", evidence="y") == "notice_channel"
    )
    early = await desk.refused(
        "notices", about="decision", channel="letter", recipient="南京某厂", evidence="EMS123",
        at="2026-11-20T10:00:00+08:00",
    )  # fmt: skip
    assert early == "notice_time"
    clock.move_to(shanghai("2026-11-25T10:00"))
    await desk.ok("notices", about="decision", channel="letter", recipient="南京某厂", evidence="EMS123456")
    assert desk.row.status == "told"
    assert desk.row.closed_at == clock.now()
    assert await desk.refused("withdraw", said="不投诉了") == "complaint_closed"


async def test_who_cannot_be_reached_counts_as_told_only_when_a_supervisor_confirms(
    desk: Desk, clock: Clock, demo_gateway: Gateway
) -> None:
    supervisor = await demo_gateway.staff("supervisor")
    await desk.ok("accept")
    await desk.ok("decide", **PARTS)
    tries = {"about": "decision", "recipient": "13800000001", "evidence": "无人接听", "reached": False}
    await desk.ok("notices", **tries, channel="call")
    await desk.ok("notices", **tries, channel="call")
    assert await desk.refused("unreachable", by=supervisor, about="decision") == "notice_tries"
    clock.move_to(shanghai("2026-11-24T10:00"))
    await desk.ok("notices", **tries, channel="call")
    assert await desk.refused("unreachable", by=supervisor, about="decision") == "notice_tries", "one way only"
    await desk.ok("notices", **tries | {"evidence": "退回"}, channel="email")
    assert await desk.refused("unreachable", about="decision") == "forbidden"
    assert desk.row.status == "decided"
    await desk.ok("unreachable", by=supervisor, about="decision")
    assert desk.row.status == "told"


async def test_a_closed_case_names_its_cause_and_one_that_comes_again_opens_an_improvement(
    desk: Desk, demo_gateway: Gateway
) -> None:
    assert await desk.refused("cause", cause="no_show") == "complaint_not_closed"
    await desk.ok("withdraw", said="他说不投诉了")
    assert await desk.refused("cause", cause="bad_weather") == "cause_unknown"
    await desk.ok("cause", cause="no_show", note="没排人")
    assert await desk.refused("cause", cause="no_show") == "complaint_caused"


async def test_every_step_is_in_the_chain_with_its_clause(desk: Desk, talk: Talk) -> None:
    await desk.ok("accept")
    await desk.ok("classify", reason="情况复杂")
    await read(talk.caller, await newest(talk.caller))
    await desk.ok("decide", **PARTS)
    with desk.gateway.db.read() as session:
        events = session.scalars(select(AuditEvent).where(AuditEvent.subject == f"complaint:{desk.row.id}")).all()
        assert verify(session) == []
    kinds = [event.kind for event in events]
    for kind in ("complaint.accept", "complaint.classify", "complaint.notice", "complaint.decided"):
        assert kind in kinds, kinds
    assert '"clause":"6.4 b)"' in next(event.body for event in events if event.kind == "complaint.classify")
    assert not any("情况复杂" in event.body for event in events), "words go in by digest"


async def test_dates_that_come_near_are_put_on_the_lists_once(desk: Desk, clock: Clock) -> None:
    services = desk.gateway.services
    subject = f"complaint:{desk.row.id}:"

    async def tasks() -> list[tuple[str, int]]:
        await services.db.in_write(lambda s: escalating.escalate(s, clock.now(), services.calendar))
        with desk.gateway.db.read() as session:
            query = select(Task).where(Task.kind == "complaint_due", Task.subject.startswith(subject))
            return [(task.body["step"], task.branch_id) for task in session.scalars(query.order_by(Task.id))]

    clock.move_to(shanghai("2026-11-30T10:00"))
    assert await tasks() == [], "12-08 is six working days away"
    for at, step in (
        ("2026-12-01T10:00", "T-5"), ("2026-12-03T10:00", "T-3"), ("2026-12-07T10:00", "T-1"),
        ("2026-12-08T10:00", "T"), ("2026-12-09T10:00", "T+1"), ("2026-12-10T10:00", "late"),
    ):  # fmt: skip
        clock.move_to(shanghai(at))
        assert (await tasks())[-1][0] == step
        count = len(await tasks())
        assert count == len(await tasks()), "each once"
    found = await tasks()
    assert found[-1][1] != found[0][1], "what has passed goes to the body above"
    clock.move_to(shanghai("2026-12-12T10:00"))
    assert len(await tasks()) == len(found), "nothing on a Saturday"
    clock.move_to(shanghai("2026-12-14T10:00"))
    await desk.ok("withdraw", said="不投诉了")
    with desk.gateway.db.read() as session:
        query = select(Task).where(
            Task.kind == "complaint_due", Task.subject.startswith(subject), Task.done_at.is_(None)
        )
        assert session.scalars(query).all() == []


async def test_a_case_below_another_branch_is_not_there(desk: Desk, demo_gateway: Gateway) -> None:
    with demo_gateway.db.read() as session:
        foreign = session.scalars(
            select(Complaint.number).where(Complaint.branch.has(province="湖南省"), Complaint.number.is_not(None))
        ).first()
    for step in ("accept", "classify", "extend", "pause", "withdraw", "notices", "cause", "merge"):
        body = {
            "version": 1, "reason": "x", "said": "x", "body": "x", "purpose": "x", "commissioned_on": "2026-11-23",
            "expected_on": "2026-12-01", "about": "decision", "channel": "call", "recipient": "x", "evidence": "x",
            "cause": "other", "into": "x",
        }  # fmt: skip
        answer = await desk.officer.post(f"/api/staff/complaints/{foreign}/{step}", body)
        assert answer.status_code == 404, step


def test_a_notice_has_no_words_of_its_own() -> None:
    assert "text" not in Notice.__table__.columns


@pytest.mark.parametrize("days", [0, 3])
async def test_a_letter_is_registered_from_the_day_it_came_in(desk: Desk, clock: Clock, days: int) -> None:
    body = {
        "source": "letter", "received_on": str((clock.now() - timedelta(days=days)).date()),
        "story": "上个月来做培训的机构只让签字没有上课", "contact_name": "王强", "policy_no": "AZ2026000001",
    }  # fmt: skip
    first = await desk.officer.post("/api/staff/complaints", body)
    if days:
        assert (first.status_code, first.json()["code"]) == (422, "late_entry_reason")
        first = await desk.officer.post("/api/staff/complaints", body | {"reason": "邮路慢，今天收发室才转来"})
    assert first.status_code == 201, first.text
    shown = first.json()
    assert shown["status"] == "filed"
    assert shown["due_on"] == {0: "2026-12-14", 3: "2026-12-11"}[days]
    assert shown["likely_same"], "the same firm has an open case"
    other = Desk(desk.gateway, desk.officer, shown["number"])
    await other.ok("accept")
    with desk.gateway.db.read() as session:
        calls = session.scalars(select(Task).where(Task.subject == f"complaint:{other.row.id}:acceptance-1")).all()
    assert len(calls) == 1, "no telephone and no talk: somebody has to write or call"
    await desk.ok("accept")
    await other.ok("merge", into=desk.number)
    assert other.row.status == "merged"
    assert dated(desk.row)[0] == {0: "2026-12-14", 3: "2026-12-11"}[days], "the earliest receipt governs"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"received_on": "2026-11-24"}, "received_future"),
        ({"source": "chat"}, "source_unknown"),
        ({"source": "regulator"}, "regulator_number"),
        ({"story": "。。。"}, "story_missing"),
        ({"contact_name": ""}, "contact_missing"),
        ({"policy_no": "AZ2026999999"}, "policy_unknown"),
        ({"file_ids": ["0" * 32]}, "file_unknown"),
    ],
)
async def test_what_is_not_whole_is_not_registered(desk: Desk, change: dict[str, Any], code: str) -> None:
    body = {"source": "phone", "received_on": "2026-11-23", "story": "培训没来人，白等一天", "contact_name": "王强"}
    answer = await desk.officer.post("/api/staff/complaints", body | change)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


async def test_a_regulators_date_is_a_third_date_of_the_queue(desk: Desk) -> None:
    body = {
        "source": "regulator", "received_on": "2026-11-23", "story": "培训没来人，白等一天",
        "contact_phone": "13911112222", "regulator_no": "苏金监转〔2026〕12号", "regulator_due_on": "2026-11-27",
    }  # fmt: skip
    answer = await desk.officer.post("/api/staff/complaints", body)
    assert answer.status_code == 201, answer.text
    row = case(desk.gateway, answer.json()["number"])
    assert (str(row.queue_on), str(row.second_due_on)) == ("2026-11-27", "2026-12-08")
