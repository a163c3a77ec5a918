"""Tasks about the dates of complaints: those that the application would have put on the lists up to now."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import zip_longest

from anze.calendar.rules import WorkCalendar
from anze.channels.models import OutboxMessage, OutboxState
from anze.channels.text_message import text_message
from anze.clock import SHANGHAI, legal_date
from anze.complaints.escalating import BEGIN, CALL_AFTER, END, NUDGE_AFTER, STEPS, step_on
from anze.complaints.models import Complaint, Decision
from anze.conversations.models import Channel, Conversation
from anze.demo.world import Row, World, instant
from anze.identity.models import Branch
from anze.tasks.models import Task, TaskKind
from anze.texts import text as say


@dataclass(frozen=True)
class _Mark:
    """From `at` on the case waits for `queue_on` (None: for nothing) with this handler; `ended_by`: it is closed."""

    at: datetime
    queue_on: date | None
    handler_id: int | None
    ended_by: str | None = None


class Waiting:
    """Notes what each case waited for, and makes the tasks of it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._marks: dict[int, list[_Mark]] = defaultdict(list)

    def note(self, row: Row, at: datetime) -> None:
        """The dates or the handler of a case are others from now on."""
        self._marks[row["id"]].append(_Mark(at, row["queue_on"], row["handler_id"]))

    def ended(self, row: Row, at: datetime, by: str) -> None:
        """The case is closed: what waited about it is done."""
        self._marks[row["id"]].append(_Mark(at, None, None, by))

    def add_tasks(self, calendar: WorkCalendar) -> None:
        """For every case, in its order."""
        decisions = {row["complaint_id"]: row for row in self._world.rows[Decision]}
        for row in self._world.rows[Complaint]:
            marks = self._marks.get(row["id"], [])
            end = next((mark for mark in marks if mark.ended_by), None)
            for body, key, branch_id, at in self._due(row, marks, calendar):
                self._task(TaskKind.COMPLAINT_DUE, f"complaint:{row['id']}:{key}", branch_id, body, at, end)
            if (made := decisions.get(row["id"])) is not None:
                self._unread(row, made, end, calendar)

    def _due(
        self, row: Row, marks: list[_Mark], calendar: WorkCalendar
    ) -> Iterator[tuple[Row, str, int, datetime]]:  # fmt: skip
        known: set[str] = set()
        for mark, following in zip_longest(marks, marks[1:]):
            if mark.ended_by:
                return
            until = following.at if following else self._world.now
            for at in _sweeps(mark.at, until, calendar, last=following is None):
                today = legal_date(at)
                if mark.queue_on is None or mark.queue_on > calendar.nth_after(today, -STEPS[0]):
                    continue
                step = step_on(mark.queue_on, today, calendar)
                key = f"{step}:{today if step == 'late' else mark.queue_on:%Y%m%d}"
                if step is None or key in known:
                    continue
                known.add(key)
                branch = self._world.rows[Branch][row["branch_id"] - 1]
                passed = step in {"T+1", "late"}
                body = {
                    "number": row["number"],
                    "step": step,
                    "queue_on": str(mark.queue_on),
                    "handler": mark.handler_id,
                }
                yield body, key, (branch["parent_id"] or branch["id"]) if passed else branch["id"], at

    def _unread(self, row: Row, made: Row, end: _Mark | None, calendar: WorkCalendar) -> None:
        decided = made["decided_at"]
        until = end.at if end else self._world.now
        talk = next(one for one in self._world.rows[Conversation] if one["id"] == row["conversation_id"])
        by_desk = talk["channel"] == Channel.DESK
        called = nudged = None
        for at in _sweeps(decided, until, calendar, last=end is None):
            if row["contact_phone"] and not by_desk and _since(decided, NUDGE_AFTER, calendar) <= legal_date(at):
                nudged = nudged or at
            if by_desk or _since(decided, CALL_AFTER, calendar) <= legal_date(at):
                called = called or at
        if nudged:
            self._nudge(row, nudged)
        if called:
            subject = f"complaint:{row['id']}:unread"
            self._task(
                TaskKind.DECISION_UNREAD, subject, row["branch_id"], {"number": row["number"]}, called, end
            )  # fmt: skip

    def _nudge(self, row: Row, at: datetime) -> None:
        branch = self._world.rows[Branch][row["branch_id"] - 1]
        fields = {"number": row["number"], "branch": branch["name"], "hotline": branch["hotline"]}
        add_sms(self._world, row, "decision-unread", say("complaint.decision_waits", **fields), at)

    def _task(
        self, kind: TaskKind, subject: str, branch_id: int, body: Row, at: datetime, end: _Mark | None
    ) -> None:  # fmt: skip
        self._world.add(
            Task, kind=kind, subject=subject, branch_id=branch_id, body=body, created_at=at,
            done_at=end.at if end else None, done_by=end.ended_by if end else None,
        )  # fmt: skip


def add_sms(world: World, row: Row, step: str, text: str, at: datetime, *, failed: bool = False) -> Row:
    """A text message about a case that the channel took, or refused for good."""
    message = text_message(
        f"complaint:{row['id']}", step, row["contact_phone"], text, number=row["number"], branch_id=row["branch_id"],
        now=at,
    )  # fmt: skip
    return world.add(
        OutboxMessage, **message, state=OutboxState.FAILED if failed else OutboxState.SENT,
        sent_at=None if failed else at, tries=1, error="demo_no_such_number" if failed else None, claimed_by=None,
        claimed_until=None, external_id=None, delivered_at=None, replaces_id=None,
    )  # fmt: skip


def _since(at: datetime, days: int, calendar: WorkCalendar) -> date:
    return calendar.nth_after(legal_date(at), days)


def _sweeps(since: datetime, until: datetime, calendar: WorkCalendar, *, last: bool) -> Iterator[datetime]:
    """When the application looked: at once, then each working day when hours begin. `last`: now counts too."""
    if _at_work(since, calendar) and since < until:
        yield since
    day = legal_date(since)
    while day <= legal_date(until):
        at = instant(day, BEGIN.hour, BEGIN.minute)
        if since < at and (at <= until if last else at < until) and calendar.is_workday(day):
            yield at
        day += timedelta(days=1)


def _at_work(at: datetime, calendar: WorkCalendar) -> bool:
    return calendar.is_workday(legal_date(at)) and BEGIN <= at.astimezone(SHANGHAI).time() < END
