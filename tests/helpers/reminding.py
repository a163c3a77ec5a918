"""A small world for reminders: firms with services, hazards and follow-ups, persons with talks; and its sweep."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from anze.bookings.models import Service, ServiceStatus
from anze.calendar.data import CalendarStore
from anze.channels.models import OutboxMessage
from anze.channels.outbox.adapter import Adapter
from anze.channels.outbox.deliver import Deliverer
from anze.clock import Clock
from anze.conversations.models import Channel, Conversation, Direction, Message
from anze.conversations.turn import Turn
from anze.db import Database
from anze.hazards.models import Hazard, HazardStatus
from anze.identity.models import Branch, BranchLevel, Person, Right, RightKind
from anze.identity.speaker import speaker_of
from anze.policies.models import Applicant, Insured, Policy, PolicyInsured
from anze.procedure.models import PolicyNotice
from anze.reminders import usecases
from anze.reminders.content import Moment
from anze.reminders.deliver import Voice
from anze.reminders.models import Reminder
from anze.reminders.outgoing import StillWanted
from anze.reminders.policy import ReminderPolicy, load_policy
from anze.reminders.sweep import Sweep
from anze.settings import ROOT
from anze.surveys.models import Survey, SurveyStatus
from anze.tasks.models import Task, TaskKind

URL = "https://anze.example"
CALENDAR = CalendarStore(ROOT / "knowledge", ROOT / "var" / "none")


def shanghai(text: str) -> datetime:
    """2026-11-23 10:00 in Shanghai as a UTC instant."""
    return datetime.fromisoformat(f"{text}+08:00").astimezone(UTC)


@dataclass
class Firm:
    """Ids of one firm and of its main contact."""

    insured_id: int
    policy_id: int
    person_id: int
    conversation_id: str

    @property
    def insured(self) -> str:
        return f"insured:{self.insured_id}"


@dataclass
class World:
    """Rows by hand over a migrated database; `sweep` does what is due at the clock's moment."""

    db: Database
    clock: Clock
    policy: ReminderPolicy = field(default_factory=load_policy)
    count: int = 0

    def __post_init__(self) -> None:
        with self.db.write() as session:
            if session.get(Branch, 1) is None:
                session.add(
                    Branch(id=1, path="/1/", level=BranchLevel.HEAD, name="总公司", short_name="总公司",
                           hotline="95500", hours="9:00")
                )  # fmt: skip
                session.flush()
            if session.get(Applicant, 1) is None:
                session.add(Applicant(id=1, name="投保人"))

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def firm(self, *, bound: bool = True, talk: bool = True, phone: str | None = "auto", seen: datetime | None = None,
             end_on: date = date(2027, 6, 30)) -> Firm:  # fmt: skip
        """A firm; its main contact unless nobody is bound, with a web talk written in at `seen` (now)."""
        self.count += 1
        number = phone if phone != "auto" else f"139{self.count:08d}"
        with self.db.write() as session:
            insured = Insured(
                name=f"第{self.count}化工厂", sector="other", industry="化工", size_class="small", province="江苏",
                city="南京", address="化工路1号", contact_name="老王", contact_phone=number,
            )  # fmt: skip
            policy = Policy(
                number=f"AZ2026{self.count:06d}", applicant_id=1, branch_id=1, start_on=date(2026, 1, 1), end_on=end_on,
                premium_cents=1,
            )  # fmt: skip
            session.add_all([insured, policy])
            session.flush()
            session.add(PolicyInsured(policy_id=policy.id, insured_id=insured.id))
            session.flush()
            session.add(PolicyNotice(  # handed over with the policy (6.4): nobody is told of it here
                policy_id=policy.id, insured_id=insured.id, told_on=date(2026, 1, 2), way="paper", words="说明书",
                noted_at=self.now, noted_by="test",
            ))  # fmt: skip
            firm = Firm(insured.id, policy.id, 0, "")
        if bound:
            firm.person_id = self.person(firm, number or "")
        if bound and talk:
            firm.conversation_id = self.talk(firm.person_id, seen)
        return firm

    def person(self, firm: Firm, phone: str, kind: str = RightKind.MAIN_CONTACT) -> int:
        """Somebody who acts for the firm."""
        with self.db.write() as session:
            person = Person(name="老王", phone=phone, phone_proved_at=None, created_at=self.now)
            session.add(person)
            session.flush()
            session.add(
                Right(person_id=person.id, insured_id=firm.insured_id, kind=kind, proof="code", granted_at=self.now,
                      granted_by="test")
            )  # fmt: skip
            return person.id

    def talk(self, person_id: int | None, seen: datetime | None = None, words: str = "你好") -> str:
        """A web talk in which the person wrote at `seen`."""
        with self.db.write() as session:
            id_ = f"talk{session.query(Conversation).count() + 1}"
            session.add(
                Conversation(id=id_, channel=Channel.WEB, person_id=person_id, branch_id=1,
                             state={"slots": {}, "loop": None}, created_at=seen or self.now)
            )  # fmt: skip
            session.flush()
            session.add(
                Message(conversation_id=id_, direction=Direction.IN, sender="user", text=words, payload={},
                        turn_id=f"t-{id_}", at=seen or self.now)
            )  # fmt: skip
        return id_

    def service(self, firm: Firm, starts_at: datetime, status: str = ServiceStatus.DISPATCHED, **more: Any) -> int:
        self.count += 1
        with self.db.write() as session:
            row = Service(
                number=f"FW2026112{self.count:04d}", policy_id=firm.policy_id, insured_id=firm.insured_id, item="d",
                status=status, requested_at=self.now, starts_at=starts_at, ends_at=starts_at + timedelta(hours=3),
                place="城北厂区", people=["张工"], **more,
            )  # fmt: skip
            session.add(row)
            session.flush()
            return row.id

    def hazard(self, firm: Firm, agreed_on: date) -> int:
        service_id = self.service(firm, self.now - timedelta(days=2), ServiceStatus.COMPLETED)
        self.count += 1
        with self.db.write() as session:
            row = Hazard(
                number=f"YH2026112{self.count:04d}", service_id=service_id, insured_id=firm.insured_id, branch_id=1,
                level="major", place="配电间", description="线路老化", basis="GB", advice="换线",
                status=HazardStatus.OPEN, found_at=self.now, found_by="张工", agreed_on=agreed_on,
            )  # fmt: skip
            session.add(row)
            session.flush()
            return row.id

    def survey(self, firm: Firm, due_on: date) -> int:
        service_id = self.service(
            firm, self.now - timedelta(days=1), ServiceStatus.COMPLETED, completed_on=self.now.date()
        )
        with self.db.write() as session:
            row = Survey(service_id=service_id, status=SurveyStatus.WAITING, due_on=due_on, ask_on=self.now.date())
            session.add(row)
            session.flush()
            return row.id

    def change(self, model: Any, id_: Any, **values: Any) -> None:
        with self.db.write() as session:
            row = session.get_one(model, id_)
            for name, value in values.items():
                setattr(row, name, value)

    def plan(self, kind: str, subject: str, due_on: date, *recipients: str) -> None:
        with self.db.write() as session:
            usecases.plan(
                session, kind=kind, subject=subject, due_on=due_on, recipients=recipients, now=self.now,
                calendar=CALENDAR.calendar(), policy=self.policy,
            )  # fmt: skip

    def void(self, subject: str, kind: str | None = None) -> None:
        with self.db.write() as session:
            usecases.void(session, subject, "cancelled", kind)

    def moment(self) -> Moment:
        return Moment(self.now, CALENDAR.calendar(), self.policy)

    def sweeper(self, **more: Any) -> Sweep:
        more.setdefault("voice", Voice(URL, {}))
        return Sweep(self.db, self.clock, CALENDAR, policy=self.policy, **more)

    async def sweep(self) -> set[str]:
        """Work off what is due; gives the talks that were woken."""
        woken: list[str] = []
        await self.sweeper().run(woken.append)
        return set(woken)

    def deliverer(self, outside: Mapping[str, Adapter], **more: Any) -> Deliverer:
        more.setdefault("wanted", {"reminder": StillWanted(CALENDAR, self.policy, URL)})
        return Deliverer(self.db, self.clock, outside, **more)

    def to(self, text: str) -> None:
        """Move the clock to a moment in Shanghai."""
        self.clock.move_to(shanghai(text))

    def said(self, conversation_id: str) -> list[str]:
        """What was pushed into a talk."""
        with self.db.read() as session:
            query = select(Message.text).where(Message.conversation_id == conversation_id, Message.pushed.is_(True))
            return list(session.scalars(query.order_by(Message.id)))

    def rows(self, kind: str | None = None) -> list[Reminder]:
        with self.db.read() as session:
            query = select(Reminder).order_by(Reminder.id)
            return list(session.scalars(query if kind is None else query.where(Reminder.kind == kind)))

    def states(self) -> dict[tuple[str, str], str]:
        """(recipient, step) → state, with the reason of one that ended."""
        return {
            (row.recipient, row.step): f"{row.state} {row.void_reason}" if row.void_reason else str(row.state)
            for row in self.rows()
        }

    def outbox(self) -> list[OutboxMessage]:
        with self.db.read() as session:
            return list(session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))

    def tasks(self) -> list[Task]:
        """Without the periodic reminders of duties, which any sweep writes."""
        with self.db.read() as session:
            others = select(Task).where(Task.kind != TaskKind.DUTY_ROUND)
            return list(session.scalars(others.order_by(Task.id)))

    def turn(self, conversation_id: str, text: str) -> Turn:
        """A message of the talk as its action sees it."""
        with self.db.write() as session:
            conversation = session.get_one(Conversation, conversation_id)
            message = Message(
                conversation_id=conversation_id, direction=Direction.IN, sender="user", text=text, payload={},
                at=self.now,
            )  # fmt: skip
            session.add(message)
            session.flush()
            speaker = speaker_of(session, conversation)
            return Turn(f"turn{message.id}", message.id, conversation_id, 1, text, (), self.now, speaker)

    def use(self, work: Any, conversation_id: str, text: str, *args: Any) -> dict[str, Any]:
        """Run a dialogue use case for typed words."""
        turn = self.turn(conversation_id, text)
        with self.db.write() as session:
            result: dict[str, Any] = work(session, turn, *args)
            return result
