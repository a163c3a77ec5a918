"""Insured-years: each insured of each policy in each of its policy years (AMB-14), or in a calendar year."""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, not_, or_, select
from sqlalchemy.orm import aliased

from anze.bookings.models import Service, ServiceStatus
from anze.obligations.relations.base import Asked, Relation, contract, firm
from anze.obligations.sql import day_of_year, plus_days, said, shanghai_day
from anze.policies.models import Insured, Policy, PolicyInsured, PolicyYear, PromisedService

_YEARLY = ("b", "d")


def _given(asked: Asked, *items: str) -> list[ColumnElement[bool]]:
    """Completed with its day, no later than today."""
    conditions = [
        Service.status == ServiceStatus.COMPLETED, Service.completed_on.is_not(None),
        Service.completed_on <= asked.today,
    ]  # fmt: skip
    return [*conditions, Service.item.in_(items)] if items else conditions


def _within(first: Any, last: Any) -> ColumnElement[bool]:
    return and_(Service.completed_on >= first, Service.completed_on <= last)


def _day_of_sort() -> ColumnElement[Any]:
    """The day to which a service belongs that lacks its own: when it was to be, or was asked for."""
    return func.coalesce(Service.completed_on, shanghai_day(Service.starts_at), shanghai_day(Service.requested_at))


def _done_facts(asked: Asked, whose: ColumnElement[bool], first: Any, last: Any) -> list[ColumnElement[Any]]:
    """`d_on`, `b_on`, `served_on`: the first proven one in the year; `claimed`: a b or d without day or report."""

    def first_day(*items: str) -> Any:
        found = select(func.min(Service.completed_on)).where(
            whose, *_given(asked, *items), said(Service.report_no), _within(first, last)
        )
        return found.scalar_subquery()

    unproven = select(literal(1)).where(
        whose, Service.status == ServiceStatus.COMPLETED, Service.item.in_(_YEARLY),
        or_(Service.completed_on.is_(None), ~said(Service.report_no)),
        _day_of_sort() >= first, _day_of_sort() <= last, _day_of_sort() <= asked.today,
    )  # fmt: skip
    any_service = (
        select(func.min(Service.completed_on)).where(whose, *_given(asked), _within(first, last)).scalar_subquery()
    )
    return [
        first_day("d").label("d_on"), first_day("b").label("b_on"), first_day(*_YEARLY).label("served_on"),
        any_service.label("any_service_on"), unproven.exists().label("claimed"),
    ]  # fmt: skip


def _cut(last: Any) -> ColumnElement[bool]:
    """The year was cut short by the policy's early end (AMB-14: closed that day, and no breach)."""
    natural = or_(
        last == Policy.end_on,
        day_of_year(plus_days(last, 1)) == day_of_year(Policy.start_on),
        # Years of a policy that starts on 29 February begin on 1 March elsewhere.
        and_(day_of_year(Policy.start_on) == "02-29", day_of_year(plus_days(last, 1)) == "03-01"),
    )
    return and_(Policy.ended_early_on.is_not(None), Policy.ended_early_on == last, not_(natural))


def _phase(asked: Asked, first: Any, last: Any) -> ColumnElement[str]:
    return case(
        (first > asked.today, "coming"),
        (last >= asked.today, "current"),
        (_cut(last), "ended_early"),
        else_="ended",
    )


def _last(last: Any) -> ColumnElement[Any]:
    """The last day of the duty: none in a year that was cut short."""
    return case((_cut(last), None), else_=last)


def _insured_years(asked: Asked) -> Select[Any]:
    if asked.year is not None:
        return _calendar_years(asked, asked.year)
    whose = and_(Service.policy_id == Policy.id, Service.insured_id == Insured.id)
    year = PolicyYear
    return (
        select(
            year.id.label("id"), Policy.number.label("number"), *contract(), *firm(),
            year.no.label("no"), year.from_on.label("from_on"), year.to_on.label("to_on"), year.to_on.label("day"),
            _phase(asked, year.from_on, year.to_on).label("phase"), _last(year.to_on).label("last_on"),
            *_done_facts(asked, whose, year.from_on, year.to_on),
        )
        .join(Policy, Policy.id == year.policy_id)
        .join(PolicyInsured, PolicyInsured.policy_id == Policy.id)
        .join(Insured, Insured.id == PolicyInsured.insured_id)
    )  # fmt: skip


def _calendar_years(asked: Asked, year: int) -> Select[Any]:
    """One row for each insured with a policy in force in the year up to today.

    The newest policy that was not cut short stands for it; a firm with none but such is named, not counted.
    """
    first, last = date(year, 1, 1), date(year, 12, 31)
    until = min(last, asked.today)
    other, named = aliased(Policy), aliased(PolicyInsured)

    def ends(policy: Any) -> ColumnElement[Any]:
        return func.coalesce(policy.ended_early_on, policy.end_on)

    def in_force(policy: Any) -> ColumnElement[bool]:
        return and_(policy.start_on <= until, ends(policy) >= first, ends(policy) >= policy.start_on)

    def cut(policy: Any) -> ColumnElement[int]:
        return case((and_(ends(policy) < policy.end_on, ends(policy) < until), 1), else_=0)

    newer = or_(other.start_on > Policy.start_on, and_(other.start_on == Policy.start_on, other.id > Policy.id))
    better = (
        select(literal(1))
        .select_from(other)
        .join(named, named.policy_id == other.id)
        .where(
            named.insured_id == Insured.id,
            in_force(other),
            or_(cut(other) < cut(Policy), and_(cut(other) == cut(Policy), newer)),
        )
    )
    phase = case((cut(Policy) == 1, "ended_early"), else_="current" if last >= asked.today else "ended")
    return (
        select(
            Insured.id.label("id"), Policy.number.label("number"), *contract(), *firm(), literal(1).label("no"),
            literal(first).label("from_on"), literal(last).label("to_on"), literal(last).label("day"),
            phase.label("phase"), literal(last).label("last_on"),
            *_done_facts(asked, Service.insured_id == Insured.id, first, last),
        )
        .select_from(Policy)
        .join(PolicyInsured, PolicyInsured.policy_id == Policy.id)
        .join(Insured, Insured.id == PolicyInsured.insured_id)
        .where(in_force(Policy), ~better.exists())
    )  # fmt: skip


def _promises(asked: Asked) -> Select[Any]:
    """Each promised item of each insured-year, with how often it was given (4: 约定的内容及频次)."""
    year = PolicyYear
    given = (
        select(func.count())
        .select_from(Service)
        .where(
            Service.policy_id == Policy.id, Service.insured_id == Insured.id, Service.item == PromisedService.item,
            *_given(asked), _within(year.from_on, year.to_on),
        )
        .correlate(Policy, Insured, PromisedService, year)
        .scalar_subquery()
    )  # fmt: skip
    return (
        select(
            year.id.label("id"), Policy.number.label("number"), *contract(), *firm(),
            year.no.label("no"), year.from_on.label("from_on"), year.to_on.label("to_on"), year.to_on.label("day"),
            _phase(asked, year.from_on, year.to_on).label("phase"), _last(year.to_on).label("last_on"),
            PromisedService.item.label("item"), PromisedService.per_year.label("promised"), given.label("given"),
            (given >= PromisedService.per_year).label("kept"),
        )
        .join(Policy, Policy.id == year.policy_id)
        .join(PolicyInsured, PolicyInsured.policy_id == Policy.id)
        .join(Insured, Insured.id == PolicyInsured.insured_id)
        .join(PromisedService, PromisedService.policy_id == Policy.id)
    )  # fmt: skip


def _policies(asked: Asked) -> Select[Any]:
    """Each insured of each policy: what was agreed when it was concluded (4)."""
    promised = select(func.sum(PromisedService.per_year)).where(PromisedService.policy_id == Policy.id)
    ends = func.coalesce(Policy.ended_early_on, Policy.end_on)
    return (
        select(
            Policy.id.label("id"), Policy.number.label("number"), *contract(), *firm(),
            Policy.start_on.label("from_on"), ends.label("to_on"), ends.label("day"),
            _phase(asked, Policy.start_on, ends).label("phase"), _last(ends).label("last_on"),
            (func.coalesce(promised.scalar_subquery(), 0) > 0).label("promised"),
            (Insured.size_class != "unknown").label("size_known"),
            (Policy.premium_cents / 100).label("premium"),
        )
        .join(PolicyInsured, PolicyInsured.policy_id == Policy.id)
        .join(Insured, Insured.id == PolicyInsured.insured_id)
        .where(Policy.start_on <= ends)
    )  # fmt: skip


INSURED_YEARS = Relation(
    "insured_year", _insured_years, ("insured", "policy", "from_on", "to_on", "d_on", "b_on"), period=True
)
PROMISES = Relation(
    "promise", _promises, ("insured", "policy", "item", "promised", "given", "to_on"), period=True,
    dimensions=frozenset({"sector", "size", "province", "insured_id", "item"}),
)  # fmt: skip
POLICIES = Relation("policy", _policies, ("insured", "policy", "from_on", "to_on"), period=True)
