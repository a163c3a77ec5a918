"""A bound person's talk over the demo data, each use case in a turn of its own, as the actions run them."""

from typing import Any

import pytest
from sqlalchemy import select

from actions.turn_action import Desk
from anze.bookings import usecases as bookings
from anze.bookings.models import BookingDraft, Service, SlotClaim
from anze.conversations import inbound
from anze.conversations.models import TurnStatus
from anze.conversations.turn import load_turn
from anze.policies.models import Policy
from tests.helpers.gateway import Caller, Gateway


class Talk:
    """`do` runs a use case in a turn with this text; `say` answers a question of the draft."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller
        self.services = caller.gateway.services
        self.db = caller.gateway.db

    async def turn(self, text: str, intent: str | None = None) -> Desk:
        def work(session: Any) -> str:
            now = self.services.clock.now()
            message = inbound.receive(session, self.caller.conversation_id, text, None, [], now)
            message.status = TurnStatus.DONE
            if intent:
                message.payload = {"intent": intent}
            return str(message.turn_id)

        turn_id = await self.db.in_write(work)
        return Desk(await self.db.in_read(lambda s: load_turn(s, turn_id)), self.services)

    async def do(self, use_case: Any, *args: Any, text: str = "嗯", intent: str | None = None) -> Any:
        return await (await self.turn(text, intent)).write(use_case, *args)

    async def open(self, text: str) -> Any:
        return await self.do(bookings.open_draft, self.services.calendar, text=text)

    async def say(self, question: str, text: str, *, unknown: bool = False) -> Any:
        return await self.do(bookings.answer, self.services.calendar, question, unknown, text=text)

    async def choose(self, slot: str) -> Any:
        return await self.do(bookings.choose_slot, self.services.calendar, slot)

    async def view(self) -> Any:
        return await (await self.turn("嗯")).read(bookings.draft_view, self.services.calendar)

    async def submit(self) -> Any:
        return await self.do(bookings.submit, self.services.calendar, text="确认")

    async def move(self, number: str, text: str) -> Any:
        return await self.do(bookings.start_move, self.services.calendar, number, text=text)

    async def book(self, text: str = "12月8号上午约个隐患排查", place: str = "化工厂本部") -> Any:
        """A booked service; its row."""
        view = await self.open(text)
        if "place" in view["missing"]:
            await self.say("place", place)
        done = await self.submit()
        assert done["kind"] == "booked", done
        return self.service(done["fields"]["number"])

    def service(self, number: str) -> Service:
        with self.db.read() as session:
            return session.scalars(select(Service).where(Service.number == number)).one()

    def draft(self) -> BookingDraft:
        with self.db.read() as session:
            mine = BookingDraft.conversation_id == self.caller.conversation_id
            return session.scalars(select(BookingDraft).where(mine).order_by(BookingDraft.id.desc()).limit(1)).one()

    def claims(self, **of: int) -> list[SlotClaim]:
        with self.db.read() as session:
            return list(session.scalars(select(SlotClaim).filter_by(**of)))

    def rows(self, statement: Any) -> list[Any]:
        with self.db.read() as session:
            return list(session.scalars(statement))

    def insured_id(self, policy_no: str = "AZ2026000001") -> int:
        with self.db.read() as session:
            return session.scalars(select(Policy).where(Policy.number == policy_no)).one().insureds[0].id


@pytest.fixture
async def talk(demo_gateway: Gateway) -> Talk:
    """Of the first fixed customer, who has two sites."""
    return Talk(await demo_gateway.bound())


@pytest.fixture
async def other(demo_gateway: Gateway) -> Talk:
    """Of the second fixed customer, another firm in the same city with one site."""
    return Talk(await demo_gateway.bound("AZ2026000002", "13800000002"))
