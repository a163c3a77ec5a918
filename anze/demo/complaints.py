"""Complaints with their conversations, statements, numbers, dates and events."""

from datetime import date, datetime, timedelta

from anze.bookings.models import Service
from anze.clock import legal_date
from anze.complaints import words
from anze.complaints.dates import ComplaintDates
from anze.complaints.models import (
    Complaint,
    ComplaintKind,
    ComplaintSerial,
    ComplaintStatus,
    Representative,
)
from anze.complaints.usecases import UNFINISHED_FOR
from anze.conversations.models import Channel
from anze.demo.branches import person_name
from anze.demo.cases import Case, cases
from anze.demo.histories import History
from anze.demo.talks import talk
from anze.demo.world import Row, World, data, dice, instant
from anze.identity.models import Branch, Person, Right, RightKind
from anze.policies.models import Insured, Policy, PolicyInsured

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
        self._decisions = data("decisions")
        self._told_last: Row | None = None
        self.serials: dict[date, int] = {}

    def tell(self, case: Case) -> None:
        received = self._received(case)
        story, decision = self._story(case)
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
            **self._special(case, story),
            due_on=None,
            second_due_on=None,
            provisional=False,
            version=1,
        )
        if case.special == "group":
            for no, one in enumerate(self._decisions["representatives"], 1):
                self._world.add(Representative, complaint_id=row["id"], no=no, **one)
        teller = History(self._world, self._rng, self._dates, self._staff, row, conversation, person)
        teller.tell(case, story, decision)
        if case.status == ComplaintStatus.TOLD and case.bound and not case.fixed:
            self._told_last = row

    def _special(self, case: Case, story: Row) -> Row:
        """What is not so of most: an objection, a group, an agent, a case that comes back to another."""
        followed = self._told_last if case.special == "again" else None
        agent = case.special == "agent"
        return {
            "form": words.form_of(story["text"]),
            "follows_id": followed["id"] if followed else None,
            "agent_name": self._decisions["agent"] if agent else None,
            "principal_name": self._decisions["principal"] if agent else None,
            "agent_file_id": None,
            "group_size": 12 if case.special == "group" else None,
        }

    def _received(self, case: Case) -> datetime:
        if case.ago < timedelta(days=1):
            return self._world.now - case.ago
        return instant(legal_date(self._world.now - case.ago), self._rng.randint(8, 20), self._rng.randint(0, 59))

    def _who(self, case: Case, received: datetime) -> tuple[Row | None, Row]:
        """The person (None: a visitor) and the insured that the grievance is about."""
        known = [right for right in self._contacts[1:] if right["granted_at"] <= received]
        right = self._contacts[0] if case.fixed else self._rng.choice(known)
        if case.special == "again" and self._told_last:
            last = self._told_last
            right = next(
                r for r in known if (r["person_id"], r["insured_id"]) == (last["person_id"], last["insured_id"])
            )
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

    def _story(self, case: Case) -> tuple[Row, Row]:
        """What happened, and how such a matter was decided."""
        if case.special is not None:
            return self._decisions["special"][case.special], {}
        stories = self._stories[case.kind]
        self._told[case.kind] += 1
        index = self._told[case.kind] % len(stories)
        return stories[index], self._decisions[case.kind][index]

    def _number(self, at: datetime | None) -> str | None:
        if at is None:
            return None
        day = legal_date(at)
        self.serials[day] = self.serials.get(day, 0) + 1
        return f"TS{day:%Y%m%d}{self.serials[day]:03d}"


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
