"""Whatever happens to a case in whatever order: the dates that its rows give are those of a day walk over the events.

The walk keeps its own list of what happened and shares no code with the application. Late classifications, late
notices, messages that fail and pauses of which nobody was told are among the events.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import ClassVar

import pytest

from anze.calendar.data import CalendarStore
from anze.clock import SHANGHAI
from anze.complaints import life
from anze.complaints.clocks import Approver
from anze.complaints.dates import ComplaintDates, facts_of
from anze.complaints.handling import state_of
from anze.complaints.handling_models import Classification, Extension, ExtensionState, Notice, NoticeChannel, Pause
from anze.complaints.life import Step
from anze.complaints.models import Complaint, ComplaintForm, ComplaintKind, ComplaintStatus
from anze.complaints.rules import ComplaintFacts
from anze.complaints.rules import Complexity as ComplexityFact
from anze.complaints.rules import Extension as ExtensionFact
from anze.complaints.rules import Pause as PauseFact
from anze.identity.models import Branch, Role
from anze.settings import ROOT
from anze.standard.editions import editions
from tests.complaints.test_rules_properties import walk

CALENDAR = CalendarStore(ROOT / "knowledge", ROOT / "no-such-folder")
DATES = ComplaintDates(CALENDAR, editions())
FIRST, LAST = date(2020, 1, 1), date(2026, 4, 30)
CASES = 900
DAY = timedelta(days=1)


def at(day: date) -> datetime:
    return datetime.combine(day, time(11), SHANGHAI)


@dataclass
class Told:
    """The walk's own list of tellings about one thing: (way, sent, read, failed)."""

    days: list[tuple[str, date | None, date | None, date | None]] = field(default_factory=list)

    def first(self) -> date | None:
        good = [read if way == "page" else sent for way, sent, read, failed in self.days if failed is None]
        return min((day for day in good if day is not None), default=None)


class World:
    """One case as rows, and what happened to it as the walk keeps it."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.today = received = FIRST + dice.randrange((LAST - FIRST).days) * DAY
        head_office = dice.random() < 0.2
        branch = Branch(id=2, parent_id=None if head_office else 1)
        self.case = Complaint(
            id=1, number="TS1", status=ComplaintStatus.FILED, kind=ComplaintKind.SERVICE, form=ComplaintForm.COMPLAINT,
            edition=DATES.edition(at(received)), received_at=at(received), branch=branch,
        )  # fmt: skip
        self.received, self.head_office = received, head_office
        self.told: dict[tuple[str, int], Told] = {}
        self.classified: date | None = None
        self.approved: tuple[date, Approver, int] | None = None
        self.pauses: list[list[date | None]] = []

    def step(self) -> None:
        self.today += self.dice.choice((0, 0, 1, 1, 2, 3, 5, 9)) * DAY
        possible = [one for one in life.allowed(state_of(self.case), Role.SUPERVISOR) if one in self.ACTS]
        if possible:
            self.ACTS[self.dice.choice(possible)](self)

    def accept(self) -> None:
        self.case.status = ComplaintStatus.HANDLING

    def classify(self) -> None:
        self.classified = self.today
        self.case.classification = Classification(complaint_id=1, reason="r", at=at(self.today), by="staff:1")
        self.tell("classification", 1)

    def ask(self) -> None:
        self.case.extensions.append(
            Extension(
                no=len(self.case.extensions) + 1, reason="r", asked_at=at(self.today), asked_by="staff:1", branch_id=1,
                answer_by=at(self.today), state=ExtensionState.ASKED,
            )
        )  # fmt: skip

    def answer(self) -> None:
        newest = self.case.extensions[-1]
        if self.dice.random() < 0.2:
            newest.state = ExtensionState.REFUSED
            return
        by = self.dice.choice(list(Approver))
        newest.state, newest.answered_at, newest.approver = ExtensionState.APPROVED, at(self.today), by
        self.approved = (self.today, by, newest.no)
        self.tell("extension", newest.no)

    def pause(self) -> None:
        commissioned = max(self.received, self.today - self.dice.randrange(4) * DAY)
        no = len(self.pauses) + 1
        self.pauses.append([commissioned, None])
        self.case.pauses.append(
            Pause(
                no=no, body="b", purpose="p", commissioned_on=commissioned, expected_on=commissioned + 9 * DAY,
                at=at(self.today), by="staff:1",
            )
        )  # fmt: skip
        self.tell("pause", no)

    def resume(self) -> None:
        running = next(one for one in self.case.pauses if one.returned_on is None)
        back = max(running.commissioned_on, self.today - self.dice.randrange(3) * DAY)
        running.returned_on = self.pauses[running.no - 1][1] = back

    def tell(self, about: str, no: int) -> None:
        """Never, at once, or late; by a way that may fail."""
        for way in self.dice.sample(["page", "sms", "letter", "call"], self.dice.choice((0, 1, 1, 2))):
            day = self.today + self.dice.choice((0, 0, 0, 1, 4, 12)) * DAY
            failed = day if self.dice.random() < 0.25 else None
            sent, read = (None, day) if way == "page" else (day, None)
            if self.dice.random() < 0.15:
                sent = read = None
            self.told.setdefault((about, no), Told()).days.append((way, sent, read, failed))
            self.case.notices.append(
                Notice(
                    about=about, about_no=no, channel=NoticeChannel(way), recipient="x", text_sha256="0" * 64,
                    at=at(self.today), by="staff:1", sent_at=at(sent) if sent else None,
                    read_at=at(read) if read else None, failed_at=at(failed) if failed else None,
                )
            )  # fmt: skip

    ACTS: ClassVar[dict[Step, Callable[["World"], None]]] = {
        Step.ACCEPT: accept, Step.CLASSIFY: classify, Step.ASK_EXTENSION: ask, Step.ANSWER_EXTENSION: answer,
        Step.PAUSE: pause, Step.RESUME: resume,
    }  # fmt: skip

    def facts(self) -> ComplaintFacts:
        """From the walk's own list, not from the rows."""

        def first(about: str, no: int) -> date | None:
            return self.told.get((about, no), Told()).first()

        complexity = None
        if self.classified is not None:
            complexity = ComplexityFact(self.classified, self.classified, first("classification", 1))
        extension = None
        if self.approved is not None:
            day, by, no = self.approved
            extension = ExtensionFact(day, by, first("extension", no))
        pauses = [
            PauseFact(begun, back, first("pause", no))
            for no, (begun, back) in enumerate(self.pauses, 1)
            if begun is not None
        ]
        return ComplaintFacts(
            received=self.received, complexity=complexity, extension=extension, pauses=tuple(pauses),
            head_office=self.head_office,
        )  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_the_rows_give_the_dates_of_the_walk(seed: int) -> None:
    dice = random.Random(f"handling {seed}")
    seen = {"paused": 0, "remedial": 0, "moved": 0}
    for _ in range(CASES // 3):
        world = World(dice)
        for _ in range(dice.randrange(1, 12)):
            world.step()
            facts = world.facts()
            assert facts_of(world.case) == facts
            told = DATES.told(world.case, at(world.today))
            if any(pause.left_out() and pause.returned is None for pause in facts.pauses):
                seen["paused"] += told.working_to is None
                continue
            standard = walk(facts, world.today, world.received, working=True)
            second = walk(facts, world.today, world.received, working=False)
            assert (told.due_on, told.second_due_on) == (standard.due, second.due), facts
            assert told.remedial == standard.remedial
            assert told.overdue == bool(standard.missed)
            seen["remedial"] += standard.remedial
            seen["moved"] += standard.due != walk(ComplaintFacts(received=world.received), world.today, world.received,
                                                  working=True).due  # fmt: skip
    assert all(count > 5 for count in seen.values()), seen
