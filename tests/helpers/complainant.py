"""Somebody who complains, in a real conversation: each step in a turn of its own, as the actions run them."""

from typing import Any

from sqlalchemy import select

from actions.turn_action import Desk
from anze.audit.models import AuditEvent
from anze.complaints import usecases as complaints
from anze.complaints.models import Complaint, Statement
from anze.conversations import inbound
from anze.conversations.models import TurnStatus
from anze.conversations.turn import load_turn
from tests.helpers.gateway import Caller

STORY = "说好上周二来排查隐患，等了一天没人来，打电话也没人接"


class Talk:
    """One conversation; `turn` stores a message as the gateway does, `do` runs a use case as an action does."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller
        self.services = caller.gateway.services

    async def turn(self, text: str, files: list[str] | None = None) -> Desk:
        def work(session: Any) -> str:
            now = self.services.clock.now()
            message = inbound.receive(session, self.caller.conversation_id, text, None, files or [], now)
            message.status = TurnStatus.DONE
            return str(message.turn_id)

        turn_id = await self.services.db.in_write(work)
        turn = await self.services.db.in_read(lambda s: load_turn(s, turn_id))
        return Desk(turn, self.services)

    async def do(self, use_case: Any, *args: Any, text: str = "嗯", files: list[str] | None = None) -> dict[str, Any]:
        return await (await self.turn(text, files)).write(use_case, *args)

    async def open(self, text: str = STORY, files: list[str] | None = None) -> dict[str, Any]:
        return await self.do(complaints.open_draft, self.services.dates, text=text, files=files)

    async def answer(self, question: str, text: str, *, unknown: bool = False) -> dict[str, Any]:
        return await self.do(complaints.answer_question, question, unknown, text=text)

    async def submit(self) -> dict[str, Any]:
        return await self.do(complaints.submit, self.services.dates, text="提交")

    async def file(self, text: str = STORY) -> str:
        """A filed complaint of a visitor; its number."""
        await self.open(text)
        await self.answer("firm", "南京红星化工厂")
        await self.answer("contact", "王强 13912345678")
        return str((await self.submit())["fields"]["number"])

    def row(self) -> Complaint:
        with self.services.db.read() as session:
            mine = Complaint.conversation_id == self.caller.conversation_id
            return session.scalars(select(Complaint).where(mine).order_by(Complaint.id.desc()).limit(1)).one()

    def said(self) -> list[tuple[str, str]]:
        with self.services.db.read() as session:
            of_mine = select(Statement).where(Statement.complaint_id == self.row().id).order_by(Statement.id)
            return [(s.kind, s.text) for s in session.scalars(of_mine)]

    def events(self) -> list[AuditEvent]:
        with self.services.db.read() as session:
            mine = AuditEvent.subject == f"complaint:{self.row().id}"
            return list(session.scalars(select(AuditEvent).where(mine).order_by(AuditEvent.seq)))
