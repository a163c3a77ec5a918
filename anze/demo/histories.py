"""One complaint in a talk, event by event: what was said, filed, done with it, and how it ended."""

from datetime import datetime, timedelta
from random import Random

from anze.audit.chain import digest
from anze.complaints.models import Complaint, ComplaintForm, ComplaintStatus, Statement, StatementKind
from anze.complaints.usecases import UNFINISHED_FOR
from anze.demo.cases import Case
from anze.demo.clerk import Clerk
from anze.demo.talks import pushed, said
from anze.demo.world import Row, World, data
from anze.tasks.models import Task, TaskKind


class History:
    """One case, event by event; `clerk` does what the desk does."""

    def __init__(self, world: World, rng: Random, clerk: Clerk, person: Row | None) -> None:
        self._world, self._rng, self._clerk = world, rng, clerk
        self._row, self._conversation = clerk.row, clerk.conversation
        self._texts = data("stories")
        self._actor = f"person:{person['id']}" if person else f"visitor:{self._conversation['id']}"

    def tell(self, case: Case, story: Row, decision: Row) -> None:
        """The whole of it."""
        received = self._row["received_at"]
        self.file(story, corrected=case.corrected)
        if case.supplemented:
            self._supplement(received + timedelta(hours=20))
        self._end(case, decision)

    def file(self, story: Row, *, corrected: bool = False) -> None:
        """From the first words to the number."""
        received = self._row["received_at"]
        self._clerk.event(received, "received", {"received_at": received.isoformat()}, self._actor)
        self._state(received, StatementKind.STORY, story["text"], "draft")
        later = received + timedelta(minutes=1)
        if corrected:
            self._state(later, StatementKind.CORRECTION, f"{self._texts['correction']}{story['text']}", "draft")
        if "wish" in story and self._row["filed_at"]:
            self._state(later + timedelta(minutes=1), StatementKind.WISH, story["wish"], "filed")
        if self._row["filed_at"]:
            told = self._clerk.settle(self._row["filed_at"])
            form = {"form": str(self._row["form"])}
            if self._row["form"] == ComplaintForm.REVIEW:
                form |= {"follows": self._world.rows[Complaint][self._row["follows_id"] - 1]["number"]}
            body = {"number": self._row["number"]} | form | told.record()
            self._clerk.event(self._row["filed_at"], "filed", body, self._actor)

    def _supplement(self, at: datetime) -> None:
        """New facts start the second clock anew."""
        before = self._row["second_due_on"]
        self._state(at, StatementKind.SUPPLEMENT, self._texts["supplement"], "filed")
        if self._row["filed_at"] is None:
            return
        told = self._clerk.settle(at)
        if told.second_due_on != before:
            body = {"old": str(before), "new": str(told.second_due_on)}
            self._clerk.event(at, "second_clock_restarted", body, self._actor)

    def _end(self, case: Case, decision: Row) -> None:
        received = self._row["received_at"]
        closed = received + timedelta(days=case.lasted, hours=1)
        match case.status:
            case ComplaintStatus.TOLD | ComplaintStatus.DECIDED | ComplaintStatus.HANDLING:
                self._clerk.accept(received + timedelta(hours=22))
                if case.status != ComplaintStatus.HANDLING:
                    self._clerk.decide(closed - timedelta(hours=2), decision)
                if case.status == ComplaintStatus.TOLD:
                    self._clerk.read(closed)
            case ComplaintStatus.WITHDRAWN:
                said(self._world, self._rng, self._conversation, closed, *self._exchange("withdraw", "withdrawn"))
                self._clerk.close(closed, "withdrawn", self._actor, self._texts["withdraw"])
            case ComplaintStatus.DROPPED:
                closed = received + timedelta(minutes=3)
                said(self._world, self._rng, self._conversation, closed, *self._exchange("drop", "dropped"))
                self._clerk.close(closed, "dropped", self._actor, self._texts["drop"])
            case ComplaintStatus.INTAKE:
                self._hand_over(received + UNFINISHED_FOR)

    def _hand_over(self, at: datetime) -> None:
        row = self._row
        told = self._clerk.settle(at)
        self._clerk.event(at, "handed_to_intake", {"number": row["number"]} | told.record(), "system")
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
        self._clerk.event(at, "stated", {"kind": kind.value, "text_sha256": digest(text)}, self._actor)

    def _answer(self, name: str) -> str:
        answer: str = self._texts["answers"][name].format(number=self._row["number"])
        return answer

    def _exchange(self, words: str, answer: str) -> tuple[str, str, str]:
        return self._texts[words], "complaint", self._answer(answer)
