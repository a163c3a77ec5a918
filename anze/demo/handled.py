"""Complaints in which every step at the desk was taken, after the script of handled.yml."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from anze.audit.chain import digest
from anze.calendar.data import CalendarStore
from anze.clock import legal_date
from anze.complaints import words
from anze.complaints.dates import ComplaintDates
from anze.complaints.models import Complaint, ComplaintForm, ComplaintStatus, Source, Statement, StatementKind
from anze.conversations.models import Channel
from anze.demo.branches import person_name
from anze.demo.clerk import Clerk
from anze.demo.histories import History
from anze.demo.talks import talk, written_down
from anze.demo.waiting import Waiting
from anze.demo.world import Row, World, data, dice, instant
from anze.identity.models import Branch, Person, Right, RightKind, Role
from anze.policies.models import Insured, Policy, PolicyInsured

_EMPTY = (
    "closed_at", "person_id", "insured_id", "policy_id", "service_id", "firm", "contact_name", "contact_phone",
    "follows_id", "agent_name", "principal_name", "agent_file_id", "group_size", "due_on", "second_due_on",
    "queue_on", "entered_at", "late_reason", "standing_right", "regulator_no", "regulator_due_on", "accepted_at",
    "handler_id", "merged_into_id",
)  # fmt: skip
BLANK: Row = dict.fromkeys(_EMPTY) | {
    "form": ComplaintForm.COMPLAINT,
    "source": Source.CHAT,
    "provisional": False,
    "paused": False,
    "version": 1,
}
"""A complaint of which nothing is known."""
_WRITING = timedelta(minutes=4)
_JUST_NOW = timedelta(hours=2)
_APART = timedelta(minutes=7)
"""Between two steps of one case on one day."""
_NOON = 12


class Office:
    """What all cases share: numbers, who works where, what waits."""

    def __init__(
        self, world: World, dates: ComplaintDates, calendar: CalendarStore, staff: dict[tuple[int, str], Row]
    ) -> None:  # fmt: skip
        self.world, self.dates = world, dates
        self._calendar, self._staff = calendar, staff
        self.waiting = Waiting(world)
        self.clerks: list[Clerk] = []
        self.serials: dict[date, int] = {}
        self.policies = _policies(world)

    def clerk(self, rng: Random, row: Row, conversation: Row, cause: str | None) -> Clerk:
        officer = self._staff[row["branch_id"], Role.INTAKE.value]
        made = Clerk(
            self.world, rng, self.dates, self._calendar, self.waiting, row=row, conversation=conversation,
            officer=officer,
        )  # fmt: skip
        made.cause = cause
        self.clerks.append(made)
        return made

    def number(self, at: datetime | None) -> str | None:
        if at is None:
            return None
        day = legal_date(at)
        self.serials[day] = self.serials.get(day, 0) + 1
        return f"TS{day:%Y%m%d}{self.serials[day]:03d}"


def add_handled(office: Office) -> None:
    """All cases of handled.yml."""
    maker = _Maker(office)
    for case in data("handled")["cases"]:
        maker.tell(case)


def in_force(policies: Sequence[Row], day: date) -> Row | None:
    """The policy under which a day lies."""
    return next((row for row in policies if row["start_on"] <= day <= (row["ended_early_on"] or row["end_on"])), None)


class _Maker:
    def __init__(self, office: Office) -> None:
        self._office, self._world = office, office.world
        self._rng = dice("handled")
        self._branches = {row["short_name"]: row for row in office.world.rows[Branch]}
        self._insureds = {row["id"]: row for row in office.world.rows[Insured]}
        complained = {row["person_id"] for row in office.world.rows[Complaint]}
        contacts = [row for row in office.world.rows[Right] if row["kind"] == RightKind.MAIN_CONTACT]
        self._contacts = [row for row in contacts[1:] if row["person_id"] not in complained]
        self._named: dict[str, Clerk] = {}
        self._visitors = 0

    def tell(self, case: Row) -> None:
        received = instant(self._world.day(-case["ago"]), 9, self._rng.randint(0, 50))
        clerk = self._registered(case, received) if "source" in case else self._filed(case, received)
        clerk.cause_always = "cause" in case
        if "as" in case:
            self._named[case["as"]] = clerk
        first = legal_date(received)
        for number, (day, step, *given) in enumerate(case["steps"]):
            if day == "today":
                at = self._world.now - _JUST_NOW + number * _APART
            else:
                at = instant(first + timedelta(days=day), 10) + number * _APART
            self._step(clerk, at, step, given)

    def _step(self, clerk: Clerk, at: datetime, step: str, given: list[Any]) -> None:
        if step == "merge":
            clerk.merge(at, self._named[given[0]])
            return
        if step == "decide":
            clerk.decide(at, data("handled")["decision"])
            return
        options = given.pop() if given and isinstance(given[-1], dict) else {}
        getattr(clerk, step)(at, *given, **options)

    def _filed(self, case: Row, received: datetime) -> Clerk:
        """Told in a talk."""
        branch = self._branches[case["branch"]]
        if "follows" in case:
            return self._review(case, received, self._named[case["follows"]])
        if case.get("bound"):
            found = self._contact(branch, received)
            person: Row | None = found[0]
            insured = found[1]
        else:
            person, insured = None, self._firm(branch)
        policy = in_force(self._office.policies[insured["id"]], legal_date(received)) if person else None
        conversation = talk(
            self._world, self._rng, received, branch, person=person, insured=insured if person else None
        )
        row = self._add(
            case, received, received + _WRITING, conversation, branch,
            person_id=person["id"] if person else None,
            insured_id=insured["id"] if person else None,
            policy_id=policy["id"] if policy else None,
            firm=None if person else insured["name"],
            contact_name=person["name"] if person else person_name(self._rng),
            contact_phone=person["phone"] if person else self._phone(),
            form=words.form_of(case["text"]),
        )  # fmt: skip
        clerk = self._office.clerk(self._rng, row, conversation, case.get("cause"))
        History(self._world, self._rng, clerk, person).file(case)
        return clerk

    def _review(self, case: Row, received: datetime, decided: Clerk) -> Clerk:
        """Asked for in the talk in which the decision was said, of the body above."""
        old, conversation = decided.row, decided.conversation
        names = ("insured_id", "policy_id", "service_id", "person_id", "firm", "contact_name", "contact_phone", "kind")
        row = self._add(
            case, received, received + _WRITING, conversation, self._branches[case["branch"]], follows_id=old["id"],
            form=ComplaintForm.REVIEW, **{name: old[name] for name in names},
        )  # fmt: skip
        clerk = self._office.clerk(self._rng, row, conversation, case.get("cause"))
        History(self._world, self._rng, clerk, None).file(case)
        return clerk

    def _registered(self, case: Row, came_in: datetime) -> Clerk:
        """Written down by a colleague (registering.py)."""
        branch, late = self._branches[case["branch"]], case.get("entered", 0)
        entered = came_in + timedelta(days=late)
        received = instant(legal_date(came_in), _NOON) if late else came_in
        same = self._named[case["same_as"]].row if "same_as" in case else None
        due = case.get("regulator_due")
        conversation = talk(self._world, self._rng, entered, branch, channel=Channel.DESK)
        conversation.update(consent_version=None, consent_at=None, created_at=entered)
        row = self._add(
            case, received, entered, conversation, branch,
            insured_id=same["insured_id"] if same else None,
            policy_id=same["policy_id"] if same else None,
            firm=None if same else self._firm(branch)["name"],
            contact_name=case["contact"],
            contact_phone=self._phone() if case.get("phone") else None,
            source=Source(case["source"]),
            entered_at=entered,
            late_reason=case.get("reason"),
            standing_right=case.get("standing_right"),
            regulator_no=case.get("regulator_no"),
            regulator_due_on=legal_date(received) + timedelta(days=due) if due else None,
        )  # fmt: skip
        clerk = self._office.clerk(self._rng, row, conversation, case.get("cause"))
        message = written_down(self._world, self._rng, conversation, entered, case["text"])
        self._world.add(
            Statement, complaint_id=row["id"], kind=StatementKind.STORY, text=case["text"], message_id=message["id"],
            at=received,
        )  # fmt: skip
        clerk.event(entered, "stated", {"kind": StatementKind.STORY.value, "text_sha256": digest(case["text"])})
        told = clerk.settle(entered)
        clerk.event(entered, "registered", {
            "number": row["number"], "source": str(row["source"]), "received_on": legal_date(received).isoformat(),
            "entered_on": legal_date(entered).isoformat(), "late": bool(late),
            "regulator_due_on": row["regulator_due_on"].isoformat() if due else None,
            "reason_sha256": digest(row["late_reason"] or ""), "files": [],
        } | told.record())  # fmt: skip
        return clerk

    def _add(
        self, case: Row, received: datetime, filed: datetime, conversation: Row, branch: Row, **more: Any
    ) -> Row:  # fmt: skip
        known = {
            "number": self._office.number(filed),
            "status": ComplaintStatus.FILED,
            "kind": words.kind_of(case["text"]),
            "edition": self._office.dates.edition(received),
            "received_at": received,
            "filed_at": filed,
            "conversation_id": conversation["id"],
            "branch_id": branch["id"],
        }
        return self._world.add(Complaint, **BLANK | known | more)

    def _contact(self, branch: Row, received: datetime) -> tuple[Row, Row]:
        """Somebody who has not complained and acts for a firm of the branch."""
        fits = [
            right
            for right in self._contacts
            if right["granted_at"] <= received
            and self._office.policies[right["insured_id"]][0]["branch_id"] == branch["id"]
        ]
        right = self._rng.choice(fits)
        self._contacts.remove(right)
        return self._world.rows[Person][right["person_id"] - 1], self._insureds[right["insured_id"]]

    def _firm(self, branch: Row) -> Row:
        """A firm of the branch, as a visitor names it: never one of those that tests of talks bind to."""
        contacts = [right["insured_id"] for right in self._world.rows[Right] if right["kind"] == RightKind.MAIN_CONTACT]
        fits = [
            self._insureds[id_] for id_ in contacts[1:] if self._office.policies[id_][0]["branch_id"] == branch["id"]
        ]
        return self._rng.choice(fits)

    def _phone(self) -> str:
        self._visitors += 1
        return f"1380016{self._visitors:04d}"


def _policies(world: World) -> dict[int, list[Row]]:
    """The policies of each insured."""
    policies = {row["id"]: row for row in world.rows[Policy]}
    found: dict[int, list[Row]] = {}
    for link in world.rows[PolicyInsured]:
        found.setdefault(link["insured_id"], []).append(policies[link["policy_id"]])
    return found
