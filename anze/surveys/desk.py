"""Follow-ups for staff: what is due and overdue, and an answer taken by telephone or on site. Never for a provider."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, or_
from sqlalchemy.orm import Session

from anze.bookings.lines import item_name
from anze.bookings.models import Service
from anze.bookings.steps import who_is
from anze.clock import legal_date
from anze.errors import DomainError
from anze.identity.denied import DeniedError
from anze.identity.names import names
from anze.identity.speaker import Speaker
from anze.policies.models import Insured
from anze.surveys import completing, store
from anze.surveys.models import Survey, SurveyChannel, SurveyStatus
from anze.surveys.rules import LOW, is_low, overdue
from anze.texts import text as say


class Filter(StrEnum):
    """What of the list is wanted."""

    DUE = "due"
    OVERDUE = "overdue"
    MARKED = "marked"
    DONE = "done"
    LOW = "low"


def _condition(which: Filter, today: date) -> ColumnElement[bool]:
    open_ = Survey.status != SurveyStatus.DONE
    return {
        Filter.DUE: open_,
        Filter.OVERDUE: open_ & (Survey.due_on < today),
        Filter.MARKED: Survey.status == SurveyStatus.MARKED,
        Filter.DONE: Survey.status == SurveyStatus.DONE,
        Filter.LOW: Survey.mark <= LOW,
    }[which]


def surveys(
    session: Session, speaker: Speaker, *, which: Filter | None, text: str, page: int, size: int, now: datetime
) -> dict[str, Any]:
    """One page within the branch tree: open ones first, by their last day."""
    today = legal_date(now)
    query = store.surveys(store.visible(speaker))
    if which is not None:
        query = query.where(_condition(which, today))
    if text:
        firm = Service.insured.has(Insured.name.contains(text, autoescape=True))
        query = query.where(or_(Service.number.startswith(text.upper(), autoescape=True), firm))
    total = store.count(session, query)
    order = (Survey.status == SurveyStatus.DONE, Survey.due_on, Survey.id)
    rows = session.scalars(query.order_by(*order).offset((page - 1) * size).limit(size)).all()
    who = names(session, [actor for row in rows for actor in (row.answered_by, row.recorded_by)])
    return {"items": [_row(row, today, who) for row in rows], "total": total, "page": page}


def _row(row: Survey, today: date, who: dict[str, str]) -> dict[str, Any]:
    service = row.service
    done_on = legal_date(row.done_at) if row.done_at else None
    answered = row.answered_by or ""
    return {
        "service": service.number,
        "item": item_name(service.item),
        "firm": service.insured.name,
        "provider": service.provider.name if service.provider else None,
        "branch": service.policy.branch.name,
        "completed_on": service.completed_on.isoformat() if service.completed_on else None,
        "status": row.status,
        "status_text": say(f"survey.status.{row.status}"),
        "ask_on": row.ask_on.isoformat(),
        "asked_at": row.asked_at.isoformat() if row.asked_at else None,
        "due_on": row.due_on.isoformat(),
        "provisional": row.provisional,
        "overdue": overdue(SurveyStatus(row.status), row.due_on, done_on, today),
        "mark": row.mark,
        "low": is_low(row.mark),
        "opinion": row.opinion,
        "channel": row.channel,
        # A person's or a colleague's key becomes a name; a name that was told by telephone is one already.
        "answered_by": (who[answered] if ":" in answered else answered) if answered else None,
        "recorded_by": who[row.recorded_by] if row.recorded_by else None,
        "done_at": row.done_at.isoformat() if row.done_at else None,
        "contact": {"name": service.contact_name or service.insured.contact_name,
                    "phone": service.contact_phone or service.insured.contact_phone},
    }  # fmt: skip


def survey(session: Session, speaker: Speaker, service_number: str, now: datetime) -> dict[str, Any]:
    """The follow-up of one service. Raises DomainError not_found; DeniedError out of the speaker's scope."""
    row = _found(session, speaker, service_number)
    return _row(row, legal_date(now), names(session, [row.answered_by, row.recorded_by]))


def _found(session: Session, speaker: Speaker, service_number: str) -> Survey:
    row = store.for_desk(session, speaker, service_number)
    if row is not None:
        return row
    if store.exists(session, service_number):
        raise DeniedError(speaker.actor, f"survey:{service_number}"[:80])
    raise DomainError("not_found", 404)


def record(
    session: Session,
    speaker: Speaker,
    service_number: str,
    *,
    channel: SurveyChannel,
    mark: int | None,
    opinion: str,
    answered_by: str,
    now: datetime,
) -> None:
    """An answer taken by telephone or on site: satisfaction and opinion, or it is refused naming what is missing.

    Raises DomainError survey_incomplete, survey_done, not_found.
    """
    row = store.hold(session, _found(session, speaker, service_number))
    missing = [name for name, there in (("mark", mark is not None), ("opinion", bool(opinion.strip()))) if not there]
    if mark is None or missing:
        raise DomainError("survey_incomplete", 422, missing="、".join(say(f"survey.part.{name}") for name in missing))
    if row.status == SurveyStatus.DONE:
        raise DomainError("survey_done", 409)
    completing.record(
        session,
        row,
        channel,
        mark,
        opinion.strip(),
        answered_by=answered_by.replace(":", "："),
        actor=speaker.actor,
        who=who_is(session, speaker),
        now=now,
    )
