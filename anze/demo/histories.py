"""One complaint event by event: what was said, filed, done with it, and how it ended."""

from datetime import datetime, timedelta
from random import Random

from anze.audit.chain import digest
from anze.complaints.dates import ComplaintDates
from anze.complaints.models import Complaint, ComplaintStatus, Statement, StatementKind
from anze.complaints.usecases import UNFINISHED_FOR
from anze.demo.cases import Case
from anze.demo.decisions import add_decision
from anze.demo.talks import pushed, said
from anze.demo.world import Row, World, data
from anze.identity.models import Role
from anze.tasks.models import Task, TaskKind


class History:
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

    def tell(self, case: Case, story: Row, decision: Row) -> None:
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
        self._end(case, decision)

    def _file(self, at: datetime) -> None:
        row = self._row
        told = self._dates.told(
            Complaint(kind=row["kind"], edition=row["edition"], received_at=row["received_at"]), row["filed_at"]
        )
        row.update(due_on=told.due_on, second_due_on=told.second_due_on, provisional=told.provisional)
        self._event(at, "complaint.filed", {"number": row["number"], **told.record()})

    def _end(self, case: Case, decision: Row) -> None:
        received = self._row["received_at"]
        closed = received + timedelta(days=case.lasted, hours=1)
        match case.status:
            case ComplaintStatus.TOLD | ComplaintStatus.DECIDED | ComplaintStatus.HANDLING:
                self._event(received + timedelta(hours=22), "complaint.handling", {}, self._officer)
                if case.status != ComplaintStatus.HANDLING:
                    read = closed if case.status == ComplaintStatus.TOLD else None
                    self._decide(decision, closed - timedelta(hours=2), read)
            case ComplaintStatus.WITHDRAWN:
                said(self._world, self._rng, self._conversation, closed, *self._exchange("withdraw", "withdrawn"))
                self._close(closed, "complaint.withdrawn", self._actor)
            case ComplaintStatus.DROPPED:
                closed = received + timedelta(minutes=3)
                said(self._world, self._rng, self._conversation, closed, *self._exchange("drop", "dropped"))
                self._close(closed, "complaint.dropped", self._actor)
            case ComplaintStatus.INTAKE:
                self._hand_over(received + UNFINISHED_FOR)

    def _decide(self, decision: Row, at: datetime, read_at: datetime | None) -> None:
        add_decision(self._world, self._rng, self._row, self._conversation, decision, at, read_at, self._officer)

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
