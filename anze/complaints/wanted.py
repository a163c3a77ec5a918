"""What of the queue somebody wants to see: filters and order, as a request or a saved view names them."""

import re
from datetime import date
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import ColumnElement, and_, false, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from anze.calendar.rules import WorkCalendar
from anze.complaints.colours import Colour, soon_until
from anze.complaints.models import OPEN, Complaint, ComplaintForm, ComplaintKind, ComplaintStatus, Source
from anze.fields import Text
from anze.identity.models import Branch, Staff
from anze.identity.speaker import Speaker
from anze.policies.models import Insured

ME, NOBODY = "me", "none"
_NUMBER = re.compile(r"TS\d{1,18}")
_NUMBER_LENGTH = 20
_PHONE = re.compile(r"\d{7,20}")


class Which(StrEnum):
    """未结束 · 已结束 · 全部."""

    OPEN = "open"
    CLOSED = "closed"
    ALL = "all"


class Sort(StrEnum):
    """By the day that is worked to, by receipt, by number."""

    QUEUE_ON = "queue_on"
    RECEIVED_AT = "received_at"
    NUMBER = "number"


class Order(StrEnum):
    """升序 · 降序. Cases without a day come last either way."""

    ASC = "asc"
    DESC = "desc"


class Wanted(BaseModel):
    """Filters hold together. `which` left out: open cases, unless a number, a status or the colour done is asked for.

    `branch`: that branch and those below it. `handler`: a login, "me", or "none". `due_before`: worked to a day before
    this one. `q`: the beginning of a number, part of a firm's name, or a whole telephone number.
    """

    model_config = ConfigDict(frozen=True)

    status: tuple[ComplaintStatus, ...] = ()
    which: Which | None = None
    branch: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None
    handler: Annotated[Text, Field(max_length=60)] = ""
    kind: ComplaintKind | None = None
    form: ComplaintForm | None = None
    source: Source | None = None
    colour: Colour | None = None
    due_before: date | None = None
    q: Annotated[Text, Field(max_length=60)] = ""
    sort: Sort = Sort.QUEUE_ON
    order: Order = Order.ASC


def conditions(wanted: Wanted, speaker: Speaker, today: date, calendar: WorkCalendar) -> list[ColumnElement[bool]]:
    """What holds for a wanted row. The speaker's scope is not among it: the store adds that to every query."""
    equal: list[tuple[InstrumentedAttribute[str], str | None]] = [
        (Complaint.kind, wanted.kind), (Complaint.form, wanted.form), (Complaint.source, wanted.source),
    ]  # fmt: skip
    found: list[ColumnElement[bool]] = [column == value for column, value in equal if value is not None]
    found += _of_status(wanted)
    if wanted.branch is not None:
        path = select(Branch.path).where(Branch.id == wanted.branch).scalar_subquery()
        found.append(Complaint.branch_id.in_(select(Branch.id).where(Branch.path.startswith(path))))
    if wanted.handler:
        found.append(_handled_by(wanted.handler, speaker))
    if wanted.colour is not None:
        found.append(_coloured(wanted.colour, today, calendar))
    if wanted.due_before is not None:
        found.append(Complaint.queue_on < wanted.due_before)
    if wanted.q:
        found.append(_named(wanted.q))
    return found


def _of_status(wanted: Wanted) -> list[ColumnElement[bool]]:
    if wanted.status:
        return [Complaint.status.in_(wanted.status)]
    which = wanted.which
    if which is None:
        anywhere = wanted.colour is Colour.DONE or _NUMBER.fullmatch(wanted.q.upper())
        which = Which.ALL if anywhere else Which.OPEN
    if which is Which.ALL:
        return []
    is_open = Complaint.status.in_(OPEN)
    return [is_open if which is Which.OPEN else ~is_open]


def _handled_by(handler: str, speaker: Speaker) -> ColumnElement[bool]:
    if handler == NOBODY:
        return Complaint.handler_id.is_(None)
    if handler == ME:
        return Complaint.handler_id == speaker.staff_id if speaker.staff_id is not None else false()
    return Complaint.handler_id == select(Staff.id).where(Staff.username == handler).scalar_subquery()


def _coloured(colour: Colour, today: date, calendar: WorkCalendar) -> ColumnElement[bool]:
    """The same rule as colours.pressing, for the database."""
    is_open, day, soon = Complaint.status.in_(OPEN), Complaint.queue_on, soon_until(today, calendar)
    days: dict[Colour, ColumnElement[bool]] = {
        Colour.OVERDUE: day < today,
        Colour.TODAY: day == today,
        Colour.SOON: and_(day > today, day <= soon),
        Colour.LATER: day > soon,
        Colour.PAUSED: day.is_(None),
    }
    return ~is_open if colour is Colour.DONE else and_(is_open, days[colour])


def _named(text: str) -> ColumnElement[bool]:
    upper = text.upper()
    if _NUMBER.fullmatch(upper):
        # A range beside the prefix, so that the index on numbers serves on either engine whatever its collation.
        return and_(
            Complaint.number >= upper,
            Complaint.number <= upper.ljust(_NUMBER_LENGTH, "9"),
            Complaint.number.startswith(upper, autoescape=True),
        )
    if _PHONE.fullmatch(text):
        return Complaint.contact_phone == text
    named = select(Insured.id).where(Insured.name.contains(text, autoescape=True))
    # By ids: a part of a name is looked for in the index on firms, not in every row of the queue.
    one = aliased(Complaint)
    said = select(one.id).where(one.firm.contains(text, autoescape=True))
    return Complaint.id.in_(said.union_all(select(one.id).where(one.insured_id.in_(named))))


def ordering(wanted: Wanted) -> list[ColumnElement[Any]]:
    """The order of the rows, the same every time."""
    columns: dict[Sort, ColumnElement[Any]] = {
        Sort.QUEUE_ON: Complaint.queue_on.expression,
        Sort.RECEIVED_AT: Complaint.received_at.expression,
        Sort.NUMBER: Complaint.number.expression,
    }
    down = wanted.order is Order.DESC
    last = [Complaint.queue_on.is_(None)] if wanted.sort is Sort.QUEUE_ON else []
    ways = [one.desc() if down else one.asc() for one in (columns[wanted.sort], Complaint.id)]
    return [*last, *ways]
