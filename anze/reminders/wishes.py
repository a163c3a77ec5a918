"""One-off reminders that somebody asks for in words: at a time, or so many days before a matter's date."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from anze.calendar import when
from anze.calendar.data import CalendarStore
from anze.calendar.rules import WorkCalendar
from anze.calendar.words import spoken_time
from anze.clock import SHANGHAI, legal_date
from anze.conversations.normalise import normalise
from anze.conversations.turn import Turn
from anze.reminders import store, subjects, words
from anze.reminders.models import Reminder, ReminderState
from anze.reminders.policy import ReminderPolicy, load_policy
from anze.reminders.rows import MOVED, end, new_row
from anze.reminders.rules import AT
from anze.reminders.subjects import Subject
from anze.texts import text as say

CUSTOM = "custom"
_CHOICES = 5


def wish(
    session: Session, turn: Turn, calendar: CalendarStore, subject: str | None = None, earlier: str = ""
) -> dict[str, Any]:
    """Set a one-off reminder from the turn's words; `subject` is the matter (hazard:3) that was spoken of just now.

    {"kind": "set" | "need_time" | "need_subject" | "past", "fields": {"when", "what"} for set, else {},
    "choices": [{"title"}…]}; a choice pressed as a `reminder_set` button carries all that is needed in its title.
    `earlier`: the words of an unfinished wish, to which this turn adds.
    """
    text = normalise(f"{earlier} {turn.text}")
    before = words.days_before(text)
    if before is not None and before.named:
        return _before(session, turn, text, before, subject, calendar.calendar())
    meant = when.first(text, turn.now, calendar=calendar.calendar())
    if meant.start is None and before is not None:
        return _before(session, turn, text, before, subject, calendar.calendar())
    if meant.start is None or (meant.confirm and meant.alternatives):
        return _answer("need_time")
    send_at = _instant(meant.start)
    if send_at <= turn.now:
        today = not isinstance(meant.start, datetime) and meant.start == legal_date(turn.now)
        return _answer("need_time" if today else "past")
    return _at(session, turn, words.what(text, meant.text), subject, send_at)


def _answer(kind: str, choices: list[dict[str, str]] | None = None) -> dict[str, Any]:
    return {"kind": kind, "fields": {}, "choices": choices or []}


def _instant(start: date | datetime) -> datetime:
    """A time as it was said; a day without one is its morning."""
    if isinstance(start, datetime):
        return start.astimezone(UTC)
    return datetime.combine(start, load_policy().hours.ordinary.begin, SHANGHAI).astimezone(UTC)


def _at(session: Session, turn: Turn, note: str, subject: str | None, send_at: datetime) -> dict[str, Any]:
    """At a time: of what the words say, else of the matter that was spoken of."""
    named = words.number_in(note)
    key = store.by_number(session, turn.speaker, named) if named else None
    if key is None and not note and subject is not None and store.may_see(session, turn.speaker, subject):
        key = subject
    matter = subjects.read(session, key) if key else None
    if matter is None or matter.due_on is None:
        if not note:
            return _answer("need_subject", _choices_at(session, turn, send_at))
        subject_key, due_on, what = f"wish:{turn.message_id}", legal_date(send_at), note
    else:
        subject_key, due_on, what = matter.key, matter.due_on, matter.title
    step = f"{AT}{send_at.astimezone(SHANGHAI):%y%m%d%H%M}"
    _keep(session, turn, new_row(CUSTOM, subject_key, step, store.recipient_of(turn.speaker), due_on, send_at,
                                 body={"days": None}, note=what))  # fmt: skip
    return {"kind": "set", "fields": {"when": spoken_time(send_at), "what": what}, "choices": []}


def _before(
    session: Session, turn: Turn, text: str, before: words.Before, subject: str | None, calendar: WorkCalendar
) -> dict[str, Any]:
    """So many days before a matter's date; it moves with the date."""
    matters = _matters(session, turn, text, subject)
    if len(matters) != 1:
        choices = [say("reminder.choice", title=one.title, days=before.days) for one in matters[:_CHOICES]]
        return _answer("need_subject", [{"title": title} for title in choices])
    (matter,) = matters
    assert matter.due_on is not None  # _matters gives dated ones only
    send_at = _before_date(matter.due_on, before.days, working=before.working, calendar=calendar)
    if send_at <= turn.now:
        return _answer("past")
    body = {"days": before.days, "working": before.working}
    step = f"{AT}-{before.days}{'w' if before.working else 'd'}"
    recipient = store.recipient_of(turn.speaker)
    _keep(session, turn, new_row(CUSTOM, matter.key, step, recipient, matter.due_on, send_at,
                                 body=body, note=matter.title))  # fmt: skip
    return {"kind": "set", "fields": {"when": spoken_time(send_at), "what": matter.title}, "choices": []}


def _before_date(due_on: date, days: int, *, working: bool, calendar: WorkCalendar) -> datetime:
    day = calendar.nth_after(due_on, -days) if working else due_on - timedelta(days=days)
    return datetime.combine(day, load_policy().hours.ordinary.begin, SHANGHAI).astimezone(UTC)


def _matters(session: Session, turn: Turn, text: str, subject: str | None) -> list[Subject]:
    """What the words can be about: a number, the matter of just now, else all of the kinds that they name."""
    number = words.number_in(text)
    kinds = words.kinds_in(text)
    if number is not None:
        key = store.by_number(session, turn.speaker, number)
        keys = [key] if key else []
    elif (
        subject is not None
        and (not kinds or subject.partition(":")[0] in kinds)
        and store.may_see(session, turn.speaker, subject)
    ):
        keys = [subject]
    else:
        keys = store.matters(session, turn.speaker, kinds or set(words.KINDS), turn.now)
    found = (subjects.read(session, key) for key in keys)
    return [one for one in found if one is not None and one.live and one.due_on is not None]


def _choices_at(session: Session, turn: Turn, send_at: datetime) -> list[dict[str, str]]:
    keys = store.matters(session, turn.speaker, set(words.KINDS), turn.now)[:_CHOICES]
    found = [one for key in keys if (one := subjects.read(session, key)) is not None]
    when_ = f"{send_at.astimezone(SHANGHAI):%Y年%m月%d日%H:%M}"
    return [{"title": say("reminder.choice_at", title=one.title, when=when_)} for one in found]


def _keep(session: Session, turn: Turn, row: dict[str, Any]) -> None:
    """Add the wish; one that was taken back and is asked for again waits again."""
    if store.add_missing(session, [row]):
        return
    known = next(
        one for one in store.about(session, CUSTOM, row["subject"])
        if (one.step, one.recipient, one.due_on) == (row["step"], row["recipient"], row["due_on"])
    )  # fmt: skip
    if known.state == ReminderState.VOID:
        known.state, known.void_reason, known.send_at = ReminderState.WAITING, None, row["send_at"]


def cancel_wish(session: Session, turn: Turn, reminder_id: int) -> dict[str, Any]:
    """Take a one-off reminder of one's own back: {"cancelled": bool, "fields": {"what"}}."""
    row = session.get(Reminder, reminder_id, with_for_update=True)
    own = row is not None and row.kind == CUSTOM and row.recipient == store.recipient_of(turn.speaker)
    if row is None or not own or row.state not in store.OPEN:
        return {"cancelled": False, "fields": {}}
    end(row, "taken_back")
    return {"cancelled": True, "fields": {"what": row.note or ""}}


def follow(
    session: Session, subject: str, due_on: date, now: datetime, calendar: WorkCalendar, policy: ReminderPolicy
) -> None:
    """Wishes of so many days before a matter's date go with the date, also when they were heard for the old one."""
    new = []
    for row in store.about(session, CUSTOM, subject):
        days = row.body.get("days")
        if days is None or row.due_on == due_on:
            continue
        if row.state in store.OPEN:
            end(row, MOVED)
        elif row.state == ReminderState.VOID and row.void_reason != MOVED:
            continue
        send_at = _before_date(due_on, int(days), working=bool(row.body.get("working")), calendar=calendar)
        if send_at > now:
            new.append(new_row(CUSTOM, subject, row.step, row.recipient, due_on, send_at, body=row.body, note=row.note))
    for columns in new:
        _renew(session, columns)


def _renew(session: Session, columns: dict[str, Any]) -> None:
    if store.add_missing(session, [columns]):
        return
    for row in store.about(session, CUSTOM, columns["subject"]):
        same = (row.step, row.recipient, row.due_on) == (columns["step"], columns["recipient"], columns["due_on"])
        if same and row.state == ReminderState.VOID and row.void_reason == MOVED:
            row.state, row.void_reason, row.send_at = ReminderState.WAITING, None, columns["send_at"]
