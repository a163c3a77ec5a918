"""The list of hazards for staff: what is red first, and what each filter holds."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from anze.calendar.data import CalendarStore
from anze.clock import legal_date
from anze.hazards import agreement, store, views
from anze.hazards.models import DateState, Hazard, HazardDate, HazardLevel, HazardStatus, Side
from anze.identity.speaker import Speaker
from anze.policies.models import Insured


class Filter(StrEnum):
    """What of the list is wanted."""

    RED = "red"
    TO_AGREE = "to_agree"
    ANSWER = "answer"
    """A date that the insured proposed waits for us"""
    SUPERVISOR = "supervisor"
    OVERDUE = "overdue"
    REPORTED = "reported"
    OPEN = "open"
    CLOSED = "closed"
    NOT_TOLD = "not_told"


def _condition(session: Session, speaker: Speaker, which: Filter, today: date) -> ColumnElement[bool]:
    live = Hazard.status != HazardStatus.CLOSED
    to_agree = and_(live, Hazard.level == HazardLevel.MAJOR, Hazard.agreed_on.is_(None))
    overdue = and_(live, Hazard.status == HazardStatus.OPEN, Hazard.agreed_on < today)
    conditions: dict[Filter, ColumnElement[bool]] = {
        Filter.RED: or_(to_agree, overdue, Hazard.id.in_(store.reported_late(session, speaker))),
        Filter.TO_AGREE: to_agree,
        Filter.ANSWER: _with_date(DateState.PROPOSED, Side.INSURED),
        Filter.SUPERVISOR: _with_date(DateState.SUPERVISOR),
        Filter.OVERDUE: overdue,
        Filter.REPORTED: Hazard.status == HazardStatus.REPORTED,
        Filter.OPEN: live,
        Filter.CLOSED: Hazard.status == HazardStatus.CLOSED,
        Filter.NOT_TOLD: Hazard.notified_at.is_(None),
    }
    return conditions[which]


def _with_date(state: DateState, side: Side | None = None) -> ColumnElement[bool]:
    dates = select(HazardDate.hazard_id).where(HazardDate.state == state)
    return Hazard.id.in_(dates.where(HazardDate.proposed_side == side) if side else dates)


def hazards(
    session: Session,
    speaker: Speaker,
    *,
    which: Filter | None,
    level: HazardLevel | None,
    text: str,
    page: int,
    size: int,
    now: datetime,
    calendar: CalendarStore,
) -> dict[str, Any]:
    """One page within the branch tree: open ones first, major ones first, without a date first, then by the date."""
    today = legal_date(now)
    query = select(Hazard).where(store.visible(speaker))
    if which is not None:
        query = query.where(_condition(session, speaker, which, today))
    if level is not None:
        query = query.where(Hazard.level == level)
    if text:
        named = select(Insured.id).where(Insured.name.contains(text, autoescape=True))
        query = query.where(or_(Hazard.number.startswith(text.upper(), autoescape=True), Hazard.insured_id.in_(named)))
    total = store.count(session, query)
    order = (
        Hazard.status == HazardStatus.CLOSED,
        Hazard.level == HazardLevel.GENERAL,
        Hazard.agreed_on.is_not(None),
        Hazard.agreed_on,
        Hazard.found_at,
        Hazard.id,
    )
    whole = query.order_by(*order).options(selectinload(Hazard.dates), joinedload(Hazard.insured))
    rows = session.scalars(whole.offset((page - 1) * size).limit(size)).all()
    shown = views.shown(session, rows, today, calendar.calendar())
    return {"items": [row(one) for one in shown], "total": total, "page": page}


def row(one: views.Shown) -> dict[str, Any]:
    """One hazard as a line of the list."""
    open_one = agreement.waiting(one.row)
    return views.data(one) | {
        "waits_for": _waits_for(open_one),
        "notified_at": one.row.notified_at.isoformat() if one.row.notified_at else None,
        "version": one.row.version,
    }


def _waits_for(row: HazardDate | None) -> str | None:
    """insured | insurer | supervisor: whose word on a date is missing."""
    if row is None:
        return None
    if row.state == DateState.SUPERVISOR:
        return "supervisor"
    return Side.INSURER.value if row.proposed_side == Side.INSURED else Side.INSURED.value
