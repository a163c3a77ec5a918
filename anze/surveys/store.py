"""Queries over follow-ups. Every one takes the speaker; a provider sees none, neither before nor after (6.3)."""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, false, func, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from anze.bookings.models import Service
from anze.identity.branches import branches_of
from anze.identity.speaker import Speaker
from anze.policies.models import Policy
from anze.surveys.models import Survey, SurveyStatus


def visible(speaker: Speaker) -> ColumnElement[bool]:
    """The condition on services that holds for those whose follow-up this speaker may see."""
    if speaker.staff_id is not None:
        return Service.policy_id.in_(select(Policy.id).where(Policy.branch_id.in_(branches_of(speaker))))
    if speaker.person_id is None:
        return false()
    return Service.insured_id.in_(speaker.insured_ids)


def _own(speaker: Speaker) -> ColumnElement[bool]:
    """Of the insured's side in a talk: the firm that it is about; staff answer for no firm."""
    if speaker.person_id is None:
        return false()
    if speaker.acting_for_id is not None:
        return visible(speaker) & (Service.insured_id == speaker.acting_for_id)
    return visible(speaker)


def surveys(condition: ColumnElement[bool]) -> Select[tuple[Survey]]:
    """Follow-ups with their services."""
    return (
        select(Survey)
        .join(Service, Service.id == Survey.service_id)
        .where(condition)
        .options(
            contains_eager(Survey.service).joinedload(Service.provider),
            contains_eager(Survey.service).joinedload(Service.insured),
            contains_eager(Survey.service).joinedload(Service.policy).joinedload(Policy.branch),
        )
    )


def waiting(session: Session, speaker: Speaker) -> list[Survey]:
    """What the firm has still to rate, the one that is due first first."""
    found = surveys(_own(speaker)).where(Survey.status != SurveyStatus.DONE)
    return list(session.scalars(found.order_by(Survey.due_on, Survey.id)))


def correctable(session: Session, speaker: Speaker, today: date) -> list[Survey]:
    """What the firm has rated and may still correct, the newest first."""
    found = surveys(_own(speaker)).where(Survey.status == SurveyStatus.DONE, Survey.due_on >= today)
    return list(session.scalars(found.order_by(Survey.done_at.desc(), Survey.id.desc())))


def of_firm(session: Session, speaker: Speaker, service_number: str) -> Survey | None:
    """The follow-up of one service of the firm that the talk is about."""
    return session.scalar(surveys(_own(speaker)).where(Service.number == service_number.strip().upper()))


def for_desk(session: Session, speaker: Speaker, service_number: str) -> Survey | None:
    return session.scalar(surveys(visible(speaker)).where(Service.number == service_number.strip().upper()))


def exists(session: Session, service_number: str) -> bool:
    """Whether there is such a follow-up at all, to be able to tell a denied read from a mistyped number."""
    found = select(Survey.id).join(Service, Service.id == Survey.service_id)
    return session.scalar(found.where(Service.number == service_number.strip().upper())) is not None


def hold(session: Session, survey: Survey) -> Survey:
    """The same, held until the transaction ends. The service first: who completes it holds it first, too."""
    session.execute(select(Service.id).where(Service.id == survey.service_id).with_for_update())
    return session.scalars(
        select(Survey)
        .where(Survey.id == survey.id)
        .options(joinedload(Survey.service))
        .with_for_update(of=Survey)
        .execution_options(populate_existing=True)
    ).one()


def of_service(session: Session, service_id: int) -> Survey | None:
    return session.scalar(select(Survey).where(Survey.service_id == service_id))


def count(session: Session, query: Select[Any]) -> int:
    return session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
