"""Providers as a branch entrusts them (3.4, 5): one row for each provider and each branch that it worked for."""

from datetime import date
from typing import Any

from sqlalchemy import Select, and_, func, literal, or_, select

from anze.bookings.models import Service
from anze.obligations.relations.base import Asked, Relation
from anze.obligations.sql import shanghai_day
from anze.policies.models import Policy
from anze.providers.models import Provider, Qualification


def _providers(asked: Asked) -> Select[Any]:
    valid = (
        select(literal(1))
        .where(
            Qualification.provider_id == Provider.id,
            Qualification.valid_from <= asked.today,
            or_(Qualification.valid_to.is_(None), Qualification.valid_to >= asked.today),
        )
        .exists()
    )
    day = func.coalesce(Service.completed_on, shanghai_day(Service.starts_at), shanghai_day(Service.requested_at))
    worked = (
        select(
            Service.provider_id.label("provider_id"), Policy.branch_id.label("branch_id"),
            func.min(day).label("first_on"), func.max(day).label("last_on"), func.count().label("services"),
        )
        .join(Policy, Policy.id == Service.policy_id)
        .where(Service.provider_id.is_not(None), asked.seen(Service.requested_at))
        .group_by(Service.provider_id, Policy.branch_id)
        .subquery()
    )  # fmt: skip
    soonest = (
        select(func.max(func.coalesce(Qualification.valid_to, literal(date(2999, 12, 31)))))
        .where(Qualification.provider_id == Provider.id)
        .scalar_subquery()
    )
    return select(
        Provider.id.label("id"), Provider.short_name.label("number"), worked.c.branch_id,
        Provider.id.label("provider_id"),
        Provider.short_name.label("provider"), Provider.province.label("province"), literal(False).label("reference"),
        and_(Provider.legal_status.is_not(None), func.length(func.trim(Provider.legal_status)) > 0).label("legal"),
        valid.label("qualified"), soonest.label("valid_to"), worked.c.first_on, worked.c.last_on,
        worked.c.last_on.label("day"), worked.c.services,
    ).join(worked, worked.c.provider_id == Provider.id)  # fmt: skip


PROVIDERS = Relation(
    "provider", _providers, ("provider", "province", "services", "last_on", "valid_to"),
    dimensions=frozenset({"province", "provider_id"}),
)  # fmt: skip
