"""Complaints with their conversations, statements, numbers, dates and events."""

from datetime import datetime, timedelta

from anze.bookings.models import Service
from anze.calendar.data import CalendarStore
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
from anze.demo.causes import add_causes
from anze.demo.handled import BLANK, Office, add_handled, in_force
from anze.demo.histories import History
from anze.demo.talks import talk
from anze.demo.world import Row, World, data, dice, instant
from anze.identity.models import Branch, Person, Right, RightKind
from anze.policies.models import Insured

_WRITING = timedelta(minutes=4)
"""From the first words to the number."""


def add_complaints(
    world: World, dates: ComplaintDates, calendar: CalendarStore, staff: dict[tuple[int, str], Row]
) -> None:  # fmt: skip
    """All cases, the oldest first; then those that show each step at the desk, the causes, and what waits."""
    office = Office(world, dates, calendar, staff)
    maker = _Maker(office)
    for case in cases():
        maker.tell(case)
    add_handled(office)
    add_causes(world, office.clerks)
    office.waiting.add_tasks(calendar.calendar())
    for day, last in sorted(office.serials.items()):
        world.add(ComplaintSerial, day=day, last=last)


class _Maker:
    def __init__(self, office: Office) -> None:
        self._office = office
        self._world = world = office.world
        self._rng = dice("complaints")
        self._stories = data("stories")
        self._insureds = {row["id"]: row for row in world.rows[Insured]}
        self._contacts = [row for row in world.rows[Right] if row["kind"] == RightKind.MAIN_CONTACT]
        self._told = dict.fromkeys(ComplaintKind, 0)
        self._decisions = data("decisions")
        self._told_last: Row | None = None

    def tell(self, case: Case) -> None:
        received = self._received(case)
        story, decision = self._story(case)
        person, insured = self._who(case, received)
        policies = self._office.policies.get(insured["id"], []) if case.known else []
        policy = in_force(policies, legal_date(received))
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
            **BLANK
            | {
                "number": self._office.number(numbered),
                "status": case.status,
                "kind": case.kind,
                "edition": self._office.dates.edition(received),
                "received_at": received,
                "filed_at": filed,
                "conversation_id": conversation["id"],
                "person_id": person["id"] if person else None,
                "insured_id": insured["id"] if person else None,
                "policy_id": policy["id"] if policy and person else None,
                "service_id": self._service(case, insured, received) if person else None,
                "branch_id": branch["id"],
                "firm": insured["name"] if not person and case.known else None,
            }
            | self._contact(person, open_case=open_case)
            | self._special(case, story),
        )
        if case.special == "group":
            for no, one in enumerate(self._decisions["representatives"], 1):
                self._world.add(Representative, complaint_id=row["id"], no=no, **one)
        clerk = self._office.clerk(self._rng, row, conversation, decision.get("cause"))
        History(self._world, self._rng, clerk, person).tell(case, story, decision)
        if case.status == ComplaintStatus.TOLD and case.bound and not case.fixed:
            self._told_last = row

    def _special(self, case: Case, story: Row) -> Row:
        """What is not so of most: an objection, a group, an agent."""
        agent = case.special == "agent"
        return {
            "form": words.form_of(story["text"]),
            "agent_name": self._decisions["agent"] if agent else None,
            "principal_name": self._decisions["principal"] if agent else None,
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
