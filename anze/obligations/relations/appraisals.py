"""Providers that worked for a branch in a year with their appraisal (8.1), and what is to be improved (8.2)."""

from datetime import date
from typing import Any

from sqlalchemy import Date, Integer, Select, String, and_, case, cast, func, literal, null, or_, select, union_all

from anze.appraisals.models import Appraisal, ImprovementItem
from anze.appraisals.usecases import work_of
from anze.bookings.models import Service, ServiceStatus
from anze.complaints.causes import causes
from anze.complaints.handling_models import Improvement
from anze.identity.models import Branch
from anze.obligations.relations.base import Asked, Relation
from anze.obligations.sql import shanghai_day
from anze.policies.models import Policy
from anze.providers.models import Provider


def _appraisals(asked: Asked) -> Select[Any]:
    """One row for each provider and each branch that it worked for in the year.

    `heeded`: the newest appraisal up to the day was passed, or nothing was given to the provider since (8.1-3).
    """
    year = asked.year or asked.today.year
    last = date(year, 12, 31)
    work = work_of(year).where(asked.seen(Service.requested_at)).subquery("work")
    mine = and_(
        Appraisal.provider_id == work.c.provider_id, Appraisal.branch_id == work.c.branch_id,
        Appraisal.appraised_on <= asked.today,
    )  # fmt: skip

    def newest(column: Any, *more: Any) -> Any:
        order = Appraisal.year.desc(), Appraisal.version.desc()
        return select(column).where(mine, *more).order_by(*order).limit(1).scalar_subquery()

    own = Appraisal.year == year
    passed, on = newest(Appraisal.passed), newest(Appraisal.appraised_on)
    given_since = (
        select(func.max(shanghai_day(Service.requested_at)))
        .join(Policy, Policy.id == Service.policy_id)
        .where(
            Service.provider_id == work.c.provider_id, Policy.branch_id == work.c.branch_id,
            asked.seen(Service.requested_at),
            Service.status.in_((
                ServiceStatus.CONFIRMED, ServiceStatus.DISPATCHED, ServiceStatus.ONGOING, ServiceStatus.COMPLETED,
            )),
        )
        .scalar_subquery()
    )  # fmt: skip
    return select(
        Provider.id.label("id"), (Provider.short_name + " · " + Branch.short_name).label("number"),
        work.c.branch_id, Provider.id.label("provider_id"), Provider.short_name.label("provider"),
        Provider.province.label("province"), literal(False).label("reference"), work.c.services, work.c.marks,
        literal(last).label("day"), literal(last).label("last_on"), newest(Appraisal.total, own).label("total_mark"),
        newest(Appraisal.appraised_on, own).label("appraised_on"), newest(Appraisal.year).label("appraised_year"),
        given_since.label("used_on"), on.is_not(None).label("judged"),
        or_(passed, given_since.is_(None), given_since <= on).label("heeded"),
    ).join(work, work.c.provider_id == Provider.id).join(Branch, Branch.id == work.c.branch_id)  # fmt: skip


def _improvements(asked: Asked) -> Select[Any]:
    """What was opened by hand, and causes of complaints that came again."""
    names = causes().names
    by_hand = select(
        (ImprovementItem.id * 2).label("id"), ImprovementItem.branch_id.label("branch_id"),
        ImprovementItem.provider_id.label("provider_id"), cast(ImprovementItem.finding, String).label("finding"),
        ImprovementItem.owner.label("owner"), ImprovementItem.opened_on.label("opened_on"),
        ImprovementItem.due_on.label("planned_on"), _closed(ImprovementItem.closed_at, asked).label("closed_on"),
    ).where(ImprovementItem.opened_on <= asked.today)  # fmt: skip
    by_cause = select(
        (Improvement.id * 2 + 1).label("id"), Improvement.branch_id.label("branch_id"),
        Improvement.provider_id.label("provider_id"), case(names, value=Improvement.cause).label("finding"),
        cast(null(), String).label("owner"), Improvement.opened_on.label("opened_on"),
        cast(null(), Date).label("planned_on"), _closed(Improvement.closed_at, asked).label("closed_on"),
    ).where(Improvement.opened_on <= asked.today)  # fmt: skip
    both = union_all(by_hand, by_cause).subquery("improvements").c
    return select(
        cast(both.id, Integer).label("id"), both.finding.label("number"), both.branch_id, both.provider_id,
        Provider.short_name.label("provider"), literal(False).label("reference"), both.finding, both.owner,
        both.opened_on, both.opened_on.label("day"), both.planned_on, both.closed_on,
    ).outerjoin(Provider, Provider.id == both.provider_id)  # fmt: skip


def _closed(at: Any, asked: Asked) -> Any:
    return case((asked.seen(at), shanghai_day(at)))


APPRAISALS = Relation(
    "appraisal", _appraisals, ("number", "services", "marks", "total_mark", "appraised_on", "used_on"),
    dimensions=frozenset({"province", "provider_id"}),
)  # fmt: skip
IMPROVEMENTS = Relation(
    "improvement", _improvements, ("number", "provider", "owner", "opened_on", "planned_on", "closed_on"),
    dimensions=frozenset({"provider_id"}),
)  # fmt: skip
