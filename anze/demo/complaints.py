"""Complaints with their conversations, statements, numbers, dates and events."""

from datetime import date, datetime, timedelta
from random import Random

from anze.audit.chain import digest
from anze.bookings.models import Service
from anze.clock import legal_date
from anze.complaints.dates import ComplaintDates
from anze.complaints.models import (
    Complaint,
    ComplaintKind,
    ComplaintSerial,
    ComplaintStatus,
    Statement,
    StatementKind,
)
from anze.complaints.usecases import UNFINISHED_FOR
from anze.conversations.models import Channel
from anze.demo.branches import person_name
from anze.demo.cases import Case, cases
from anze.demo.talks import pushed, said, talk
from anze.demo.world import Row, World, data, dice, instant
from anze.identity.models import Branch, Person, Right, RightKind, Role
from anze.policies.models import Insured, Policy, PolicyInsured
from anze.tasks.models import Task, TaskKind

NUMBERED = frozenset(ComplaintStatus) - {ComplaintStatus.DRAFT, ComplaintStatus.DROPPED}
CLOSED = {ComplaintStatus.TOLD, ComplaintStatus.WITHDRAWN, ComplaintStatus.DROPPED}
_WRITING = timedelta(minutes=4)
"""From the first words to the number."""


def add_complaints(world: World, dates: ComplaintDates, staff: dict[tuple[int, str], Row]) -> None:
    """All cases, the oldest first."""
    maker = _Maker(world, dates, staff)
    for case in cases():
        maker.tell(case)
    for day, last in sorted(maker.serials.items()):
        world.add(ComplaintSerial, day=day, last=last)


class _Maker:
    def __init__(self, world: World, dates: ComplaintDates, staff: dict[tuple[int, str], Row]) -> None:
        self._world = world
        self._dates = dates
        self._staff = staff
        self._rng = dice("complaints")
        self._stories = data("stories")
        self._answers = self._stories["answers"]
        self._insureds = {row["id"]: row for row in world.rows[Insured]}
        self._policies = _policies(world)
        self._contacts = [row for row in world.rows[Right] if row["kind"] == RightKind.MAIN_CONTACT]
        self._told = dict.fromkeys(ComplaintKind, 0)
        self.serials: dict[date, int] = {}

    def tell(self, case: Case) -> None:
        received = self._received(case)
        person, insured = self._who(case, received)
        policies = self._policies.get(insured["id"], []) if case.known else []
        policy = next((row for row in policies if row["start_on"] <= legal_date(received) <= _last_day(row)), None)
        branch = self._world.rows[Branch][policies[0]["branch_id"] - 1 if policies else 0]
        channel = Channel.WECHAT if self._rng.random() < 0.4 else Channel.WEB
        conversation = talk(
            self._world,
            self._rng,
            received,
            branch,
            person=person,
            insured=insured if person else None,
            channel=channel,
        )
        open_case = case.status in {ComplaintStatus.DRAFT, ComplaintStatus.DROPPED, ComplaintStatus.INTAKE}
        filed = None if open_case else received + _WRITING
        numbered = received + UNFINISHED_FOR if case.status == ComplaintStatus.INTAKE else filed
        row = self._world.add(
            Complaint,
            number=self._number(numbered),
            status=case.status,
            kind=case.kind,
            edition=self._dates.edition,
            received_at=received,
            filed_at=filed,
            closed_at=None,
            conversation_id=conversation["id"],
            person_id=person["id"] if person else None,
            insured_id=insured["id"] if person else None,
            policy_id=policy["id"] if policy and person else None,
            service_id=self._service(case, insured, received) if person else None,
            branch_id=branch["id"],
            firm=insured["name"] if not person and case.known else None,
            **self._contact(person, open_case=open_case),
            due_on=None,
            second_due_on=None,
            provisional=False,
            version=1,
        )
        _Told(self._world, self._rng, self._dates, self._staff, row, conversation, person).tell(case, self._story(case))

    def _received(self, case: Case) -> datetime:
        if case.ago < timedelta(days=1):
            return self._world.now - case.ago
        return instant(legal_date(self._world.now - case.ago), self._rng.randint(8, 20), self._rng.randint(0, 59))

    def _who(self, case: Case, received: datetime) -> tuple[Row | None, Row]:
        """The person (None: a visitor) and the insured that the grievance is about."""
        known = [right for right in self._contacts[1:] if right["granted_at"] <= received]
        right = self._contacts[0] if case.fixed else self._rng.choice(known)
        insured = self._insureds[right["insured_id"]]
        return (self._world.rows[Person][right["person_id"] - 1] if case.bound else None), insured

    def _service(self, case: Case, insured: Row, received: datetime) -> int | None:
        """The last service that the insured had had, for a grievance about a service."""
        had = [
            row
            for row in self._world.rows[Service]
            if row["insured_id"] == insured["id"]
            and row["completed_on"]
            and row["completed_on"] < legal_date(received)
            and case.kind == ComplaintKind.SERVICE
        ]
        return max(had, key=lambda row: row["completed_on"])["id"] if had else None

    def _contact(self, person: Row | None, *, open_case: bool) -> Row:
        if person is not None:
            return {"contact_name": person["name"], "contact_phone": person["phone"]}
        name, number = person_name(self._rng), self._rng.randint(0, 9999)
        if open_case:
            return {"contact_name": None, "contact_phone": None}
        return {"contact_name": name, "contact_phone": f"1380014{number:04d}"}

    def _story(self, case: Case) -> Row:
        stories = self._stories[case.kind]
        self._told[case.kind] += 1
        story: Row = stories[self._told[case.kind] % len(stories)]
        return story

    def _number(self, at: datetime | None) -> str | None:
        if at is None:
            return None
        day = legal_date(at)
        self.serials[day] = self.serials.get(day, 0) + 1
        return f"TS{day:%Y%m%d}{self.serials[day]:03d}"


class _Told:
    """One case, event by event."""

    def __init__(
        self,
        world: World,
        rng: Random,
        dates: ComplaintDates,
        staff: dict[tuple[int, str], Row],
        row: Row,
        conversation: Row,
        person: Row | None,
    ) -> None:
        self._world, self._rng, self._dates, self._row, self._conversation = world, rng, dates, row, conversation
        self._texts = data("stories")
        self._actor = f"person:{person['id']}" if person else f"visitor:{conversation['id']}"
        self._officer = f"staff:{staff[row['branch_id'], Role.INTAKE.value]['id']}"

    def tell(self, case: Case, story: Row) -> None:
        received = self._row["received_at"]
        self._event(received, "complaint.received", {"received_at": received.isoformat()})
        self._state(received, StatementKind.STORY, story["text"], "draft")
        later = received + timedelta(minutes=1)
        if case.corrected:
            self._state(later, StatementKind.CORRECTION, f"{self._texts['correction']}{story['text']}", "draft")
        if "wish" in story and self._row["filed_at"]:
            self._state(later + timedelta(minutes=1), StatementKind.WISH, story["wish"], "filed")
        if self._row["filed_at"]:
            self._file(self._row["filed_at"])
        if case.supplemented:
            self._state(received + timedelta(hours=20), StatementKind.SUPPLEMENT, self._texts["supplement"], "filed")
        self._end(case)

    def _file(self, at: datetime) -> None:
        row = self._row
        told = self._dates.told(
            Complaint(kind=row["kind"], edition=row["edition"], received_at=row["received_at"]), row["filed_at"]
        )
        row.update(due_on=told.due_on, second_due_on=told.second_due_on, provisional=told.provisional)
        self._event(at, "complaint.filed", {"number": row["number"], **told.record()})

    def _end(self, case: Case) -> None:
        received = self._row["received_at"]
        closed = received + timedelta(days=case.lasted, hours=1)
        match case.status:
            case ComplaintStatus.TOLD | ComplaintStatus.HANDLING:
                self._event(received + timedelta(hours=22), "complaint.handling", {}, self._officer)
                if case.status == ComplaintStatus.TOLD:
                    self._close(closed, "complaint.told", self._officer)
                    pushed(self._world, self._conversation, closed, self._answer("told"), "complaint")
            case ComplaintStatus.WITHDRAWN:
                said(self._world, self._rng, self._conversation, closed, *self._exchange("withdraw", "withdrawn"))
                self._close(closed, "complaint.withdrawn", self._actor)
            case ComplaintStatus.DROPPED:
                closed = received + timedelta(minutes=3)
                said(self._world, self._rng, self._conversation, closed, *self._exchange("drop", "dropped"))
                self._close(closed, "complaint.dropped", self._actor)
            case ComplaintStatus.INTAKE:
                self._hand_over(received + UNFINISHED_FOR)

    def _hand_over(self, at: datetime) -> None:
        row = self._row
        self._event(at, "complaint.handed_to_intake", {"number": row["number"]}, "system")
        pushed(self._world, self._conversation, at, self._answer("intake"), "complaint")
        self._world.add(
            Task,
            kind=TaskKind.INTAKE,
            subject=f"complaint:{row['id']}",
            branch_id=row["branch_id"],
            body={"number": row["number"], "conversation_id": self._conversation["id"]},
            created_at=at,
            done_at=None,
            done_by=None,
        )

    def _state(self, at: datetime, kind: StatementKind, text: str, answer: str) -> None:
        message = said(self._world, self._rng, self._conversation, at, text, "complaint", self._answer(answer))
        self._world.add(Statement, complaint_id=self._row["id"], kind=kind, text=text, message_id=message["id"], at=at)
        self._event(at, "complaint.stated", {"kind": kind.value, "text_sha256": digest(text)})

    def _close(self, at: datetime, kind: str, actor: str) -> None:
        self._row["closed_at"] = at
        self._row["version"] += 1
        self._event(at, kind, {"number": self._row["number"]}, actor)

    def _answer(self, name: str) -> str:
        answer: str = self._texts["answers"][name].format(number=self._row["number"])
        return answer

    def _exchange(self, words: str, answer: str) -> tuple[str, str, str]:
        return self._texts[words], "complaint", self._answer(answer)

    def _event(self, at: datetime, kind: str, body: Row, actor: str | None = None) -> None:
        self._world.happened(at, kind, f"complaint:{self._row['id']}", actor or self._actor, body)


def _policies(world: World) -> dict[int, list[Row]]:
    """The policies of each insured."""
    policies = {row["id"]: row for row in world.rows[Policy]}
    found: dict[int, list[Row]] = {}
    for link in world.rows[PolicyInsured]:
        found.setdefault(link["insured_id"], []).append(policies[link["policy_id"]])
    return found


def _last_day(policy: Row) -> date:
    last: date = policy["ended_early_on"] or policy["end_on"]
    return last
