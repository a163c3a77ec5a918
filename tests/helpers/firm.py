"""An insured's person in a talk, and staff: their use cases run as actions and requests run them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from actions.turn_action import Desk
from anze.audit.models import AuditEvent
from anze.bookings.models import Service, ServiceStatus
from anze.clock import legal_date
from anze.conversations import inbound
from anze.conversations.models import Conversation, TurnStatus
from anze.conversations.turn import load_turn
from anze.identity.models import Staff
from anze.identity.speaker import Speaker, speaker_of
from anze.policies.models import Policy
from tests.helpers.gateway import Caller, Gateway

SECOND = ("AZ2026000002", "13800000002")


class Firm:
    """One bound person's talk; `do` runs a dialogue use case in a turn of its own, as an action does."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller
        self.services = caller.gateway.services
        self.calendar = self.services.calendar

    async def turn(self, text: str, files: list[str] | None = None, *, pressed: str | None = None) -> Desk:
        """A turn with these words; `pressed`: it is a button that means this intent."""

        def work(session: Session) -> str:
            now = self.services.clock.now()
            message = inbound.receive(session, self.caller.conversation_id, text, None, files or [], now)
            message.status = TurnStatus.DONE
            return str(message.turn_id)

        turn_id = await self.services.db.in_write(work)
        turn = await self.services.db.in_read(lambda s: load_turn(s, turn_id))
        return Desk(replace(turn, intent=pressed), self.services)

    async def do(
        self, use_case: Any, *args: Any, text: str = "嗯", files: list[str] | None = None, pressed: str | None = None,
        **more: Any,
    ) -> dict[str, Any]:  # fmt: skip
        return await (await self.turn(text, files, pressed=pressed)).write(use_case, *args, **more)

    @property
    def insured_id(self) -> int:
        with self.services.db.read() as session:
            conversation = session.get_one(Conversation, self.caller.conversation_id)
            return int(speaker_of(session, conversation).acting_for_id or 0)


async def firm_of(gateway: Gateway, policy_no: str = SECOND[0], phone: str = SECOND[1]) -> Firm:
    return Firm(await gateway.bound(policy_no, phone))


def staff(gateway: Gateway, username: str, role: str | None = None) -> Speaker:
    """The speaker of a staff member; with `role` somebody else of that role in the same branch."""
    with gateway.db.write() as session:
        member = session.scalars(select(Staff).where(Staff.username == username)).one()
        if role is not None:
            number = session.query(Staff).count() + 1
            other = Staff(username=f"{role}-{number}-test", name="丙", role=role, branch_id=member.branch_id,
                          provider_id=None, phone=None, password_hash="", demo=True)  # fmt: skip
            session.add(other)
            session.flush()
            member = other
        conversation = Conversation(
            id=f"staff{member.id:027d}", channel="staff", staff_id=member.id, branch_id=member.branch_id,
            state={}, created_at=gateway.services.clock.now(),
        )  # fmt: skip
        session.merge(conversation)
        session.flush()
        return speaker_of(session, session.get_one(Conversation, conversation.id))


def write[T](gateway: Gateway, work: Callable[[Session], T]) -> T:
    with gateway.db.write() as session:
        return work(session)


def check_of(gateway: Gateway, policy_no: str = SECOND[0]) -> Service:
    """The completed hazard check of a fixed customer."""
    with gateway.db.read() as session:
        return session.scalars(
            select(Service)
            .join(Policy, Policy.id == Service.policy_id)
            .where(Policy.number == policy_no, Service.item == "d", Service.status == ServiceStatus.COMPLETED)
        ).one()


def events(gateway: Gateway, subject: str) -> list[str]:
    """Kinds of the audit events about a row, in their order."""
    with gateway.db.read() as session:
        found = select(AuditEvent.kind).where(AuditEvent.subject == subject).order_by(AuditEvent.seq)
        return list(session.scalars(found))


def today(gateway: Gateway) -> date:
    return legal_date(gateway.services.clock.now())
