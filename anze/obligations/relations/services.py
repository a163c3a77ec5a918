"""Services (事故预防服务) with what 5, 6.2, 6.3 and 7.4 ask of each."""

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select

from anze.bookings.models import Audience, Service, ServiceStatus
from anze.obligations.relations.base import Asked, Relation, contract, firm
from anze.obligations.sql import has_members, said, shanghai_day
from anze.policies.models import Insured, Policy
from anze.providers.models import Provider, Qualification
from anze.providers.rules import AQ8011, STATUTORY
from anze.surveys.models import Survey, SurveyStatus

_TRAINED = (Audience.PRINCIPAL, Audience.MANAGERS, Audience.SPECIAL)
"""Whose training asks for AQ 8011 (5 a)"""


def _services(asked: Asked) -> Select[Any]:
    starts = shanghai_day(Service.starts_at)
    day = func.coalesce(Service.completed_on, starts, shanghai_day(Service.requested_at))
    followed = case((Survey.status == SurveyStatus.DONE, shanghai_day(Survey.done_at)))
    # Asked about an earlier day, what was completed since was still under way.
    status = case((Service.completed_on > asked.today, ServiceStatus.ONGOING.value), else_=Service.status)
    qualification = (
        select(literal(1))
        .where(
            Qualification.provider_id == Service.provider_id,
            Qualification.items.contains(Service.item),
            Qualification.valid_from <= day,
            or_(Qualification.valid_to.is_(None), Qualification.valid_to >= day),
            or_(~_needs_aq8011(), Qualification.kind == AQ8011),
            or_(~_needs_licence(), Qualification.kind.in_(sorted(STATUTORY))),
        )
        .exists()
    )
    both = case((and_(Service.insured_confirmed_at.is_not(None), Service.provider_confirmed_at.is_not(None)),
                 case((Service.insured_confirmed_at > Service.provider_confirmed_at, Service.insured_confirmed_at),
                      else_=Service.provider_confirmed_at)))  # fmt: skip
    begun = func.coalesce(Service.started_at, Service.starts_at)
    recorded = and_(
        Service.starts_at.is_not(None), said(Service.place), Service.provider_id.is_not(None),
        has_members(Service.people), said(Service.measures), said(Service.process), Survey.status == SurveyStatus.DONE,
    )  # fmt: skip
    return (
        select(
            Service.id.label("id"), Service.number.label("number"), *contract(), *firm(),
            Service.item.label("item"), status.label("service_status"), day.label("day"),
            Service.provider_id.label("provider_id"), Provider.short_name.label("provider"),
            func.coalesce(starts, case((Service.status == ServiceStatus.COMPLETED, day))).label("starts_on"),
            case((Service.completed_on <= asked.today, Service.completed_on)).label("completed_on"),
            and_(Service.status == ServiceStatus.COMPLETED, Service.completed_on.is_(None)).label("undated"),
            and_(status == ServiceStatus.COMPLETED, Service.completed_on.is_not(None)).label("completed"),
            Service.provider_id.is_not(None).label("entrusted"),
            has_members(Service.people).label("people_named"), said(Service.place).label("place_said"),
            said(Service.measures).label("measures_said"), said(Service.process).label("process_said"),
            _needs_aq8011().label("needs_aq8011"), _needs_licence().label("needs_licence"),
            and_(Service.provider_id.is_not(None), qualification).label("qualified"),
            shanghai_day(both).label("confirmed_on"),
            and_(
                both.is_not(None), said(Service.measures),
                case((begun.is_(None), shanghai_day(both) <= day), else_=both <= begun),
            ).label("confirmed_before"),
            Service.rules_seen_at.is_not(None).label("rules_seen"), Survey.due_on.label("follow_up_due_on"),
            followed.label("followed_up_on"), Survey.mark.label("mark"), Survey.channel.label("channel"),
            Service.archived_on.label("archived_on"), func.coalesce(recorded, False).label("recorded"),
        )
        .join(Policy, Policy.id == Service.policy_id)
        .join(Insured, Insured.id == Service.insured_id)
        .outerjoin(Provider, Provider.id == Service.provider_id)
        .outerjoin(Survey, Survey.service_id == Service.id)
        .where(asked.seen(Service.requested_at))
    )  # fmt: skip


def _needs_aq8011() -> ColumnElement[bool]:
    return and_(Service.item == "a", func.coalesce(Service.audience, "").in_(_TRAINED))


def _needs_licence() -> ColumnElement[bool]:
    return and_(Service.item == "b", Service.statutory)


SERVICES = Relation(
    "service", _services, ("number", "insured", "item", "day", "provider"),
    dimensions=frozenset({"sector", "size", "province", "insured_id", "item", "provider_id"}),
)  # fmt: skip
