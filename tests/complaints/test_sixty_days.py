"""One complaint lived over sixty days by moving the clock, over HTTP: what left, on which day, to whom."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from anze.channels.models import OutboxMessage
from anze.clock import SHANGHAI, Clock
from anze.complaints import escalating, extending
from anze.conversations.models import Direction, Message
from anze.tasks.models import Task
from tests.complaints.test_decision import PARTS, newest, read
from tests.complaints.test_handling import Desk, shanghai
from tests.helpers.complainant import Talk
from tests.helpers.gateway import Caller, Gateway

LEFT = [
    ("11-23 14:00", "page", "已受理"),
    ("11-23 14:00", "sms", "已受理"),
    ("12-01 10:00", "page", "情况复杂"),
    ("12-01 10:00", "sms", "情况复杂"),
    ("12-01 10:00", "task", "complaint_due T-5"),
    ("12-08 10:00", "page", "外部机构鉴定"),
    ("12-08 10:00", "sms", "外部机构鉴定"),
    ("12-18 15:00", "page", "继续计时"),
    ("12-18 15:00", "sms", "继续计时"),
    ("12-25 10:00", "task", "extension"),
    ("12-28 17:31", "task", "extension"),
    ("12-29 09:00", "task", "complaint_due T-5"),
    ("12-29 10:00", "page", "特别复杂"),
    ("12-29 10:00", "sms", "特别复杂"),
    ("01-20 10:00", "page", "已作出处理决定"),
    ("01-21 09:00", "sms", "已有处理决定"),
    ("01-22 09:00", "task", "decision_unread"),
]
"""Day and time in Shanghai, way, first words: everything that leaves about this case."""


class Life:
    """The case, the clock, and the work that comes due by itself."""

    def __init__(self, gateway: Gateway, clock: Clock, desk: Desk) -> None:
        self.gateway, self.clock, self.desk = gateway, clock, desk

    async def to(self, moment: str) -> None:
        self.clock.move_to(shanghai(moment))
        services = self.gateway.services
        for work in (escalating.escalate, extending.escalate):
            await services.db.in_write(lambda s, work=work: work(s, self.clock.now(), services.calendar))
        await self.desk.sent()

    def left(self) -> list[tuple[str, str, str]]:
        row = self.desk.row
        found: list[tuple[datetime, int, str, str]] = []
        with self.gateway.db.read() as session:
            pushed = session.scalars(
                select(Message).where(
                    Message.conversation_id == row.conversation_id, Message.direction == Direction.OUT,
                    Message.pushed.is_(True),
                )
            )  # fmt: skip
            found += [(one.at, 0, "page", one.text) for one in pushed]
            sent = session.scalars(select(OutboxMessage).where(OutboxMessage.subject == f"complaint:{row.id}"))
            found += [(one.due_at, 1, "sms", one.text) for one in sent]
            for task in session.scalars(select(Task).where(Task.body["number"].as_string() == row.number)):
                found.append((task.created_at, 2, "task", f"{task.kind} {task.body.get('step', '')}".strip()))
        return [(f"{at.astimezone(SHANGHAI):%m-%d %H:%M}", way, text) for at, _, way, text in sorted(found)]


async def test_sixty_days(demo_gateway: Gateway, clock: Clock, talk: Talk, officer: Caller, number: str) -> None:
    desk = Desk(demo_gateway, officer, number)
    life = Life(demo_gateway, clock, desk)
    supervisor = await demo_gateway.staff("supervisor")

    async def reads() -> None:
        await read(talk.caller, await newest(talk.caller))

    def dates() -> tuple[Any, Any]:
        row = desk.row
        return (str(row.due_on), str(row.second_due_on))

    await life.to("2026-11-23T14:00")
    await desk.ok("accept")
    await desk.sent()
    assert dates() == ("2026-12-14", "2026-12-08")
    await life.to("2026-12-01T10:00")
    await desk.ok("classify", reason="要核对三家机构的记录")
    await reads()
    assert dates() == ("2026-12-31", "2026-12-23")
    await life.to("2026-12-08T10:00")
    await desk.ok(
        "pause", body="省检测中心", purpose="鉴定风机", commissioned_on="2026-12-07", expected_on="2026-12-20"
    )  # fmt: skip
    await reads()
    assert dates() == ("None", "None")
    await life.to("2026-12-18T15:00")
    await desk.ok("resume", returned_on="2026-12-18", result="风机合格")
    await reads()
    # Told on 12-08: eight working days (12-08 … 12-17) and ten calendar days are left out.
    assert dates()[1] == "2027-01-02"
    await life.to("2026-12-25T10:00")
    await desk.ok("extend", reason="外地现场还没查完")
    await life.to("2026-12-28T17:31")
    await life.to("2026-12-29T09:00")
    await life.to("2026-12-29T10:00")
    await desk.ok("extension", by=supervisor, approve=True, words="同意")
    await reads()
    assert dates()[1] == "2027-02-01"
    await life.to("2027-01-20T10:00")
    await desk.ok("decide", **PARTS)
    await life.to("2027-01-21T09:00")
    await life.to("2027-01-22T09:00")
    assert desk.row.status == "decided", "written is not told"
    await life.to("2027-01-22T11:00")
    await reads()
    assert desk.row.status == "told"
    assert str(desk.row.closed_at.astimezone(SHANGHAI).date()) == "2027-01-22"
    left = life.left()
    assert [(at, way) for at, way, _ in left] == [(at, way) for at, way, _ in LEFT], left
    for (_, _, text), (_, _, words) in zip(left, LEFT, strict=True):
        assert words in text
