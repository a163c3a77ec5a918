"""Firms of the demo for the conversations: each talk gets one of its own, of the kind that it needs."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

from sqlalchemy import ColumnElement, exists, func, select

from anze.bookings.models import Service, ServiceStatus
from anze.complaints.models import Complaint
from anze.db import Database
from anze.hazards.models import DateState, Hazard, HazardDate, HazardStatus
from anze.identity.models import Right
from anze.policies.models import Applicant, Insured, Policy, PolicyInsured, PolicyYear, PromisedService
from anze.procedure.models import PolicyNotice
from anze.surveys.models import Survey, SurveyStatus
from tests.helpers.rows import Row

TODAY, NOW = date(2026, 11, 23), datetime(2026, 11, 23, 2, tzinfo=UTC)
LONG_ENOUGH = date(2027, 1, 31)
AHEAD = date(2026, 12, 1)
_COMING = (ServiceStatus.REQUESTED, ServiceStatus.CONFIRMED, ServiceStatus.DISPATCHED, ServiceStatus.ONGOING)
_WAITS = (SurveyStatus.WAITING, SurveyStatus.ASKED, SurveyStatus.MARKED)


def _services(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
    return (
        select(func.count()).where(Service.insured_id == Insured.id, *conditions).correlate(Insured).scalar_subquery()
    )


def _hazards(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
    return select(func.count()).where(Hazard.insured_id == Insured.id, *conditions).correlate(Insured).scalar_subquery()


def _surveys(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
    return (
        select(func.count())
        .join(Service, Service.id == Survey.service_id)
        .where(Service.insured_id == Insured.id, Survey.status.in_(_WAITS), *conditions)
        .select_from(Survey)
        .correlate(Insured)
        .scalar_subquery()
    )


_SURVEYS = _surveys()
_CHECKS = exists().where(
    PromisedService.policy_id == Policy.id, PromisedService.item == "d", PromisedService.per_year == 2
)
_NOTHING_COMING = _services(Service.status.in_(_COMING)) == 0
_NO_CHECK = _services(Service.item == "d", Service.status != ServiceStatus.CANCELLED) == 0
_LESSONS = exists().where(
    PromisedService.policy_id == Policy.id, PromisedService.item == "a", PromisedService.per_year >= 1
)
_NO_LESSON = _services(Service.item == "a", Service.status != ServiceStatus.CANCELLED) == 0
_NO_HAZARD = _hazards() == 0
_OPEN = _hazards(Hazard.status == HazardStatus.OPEN)


def _major(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
    return _hazards(Hazard.status == HazardStatus.OPEN, Hazard.level == "major", *conditions)


_ASKED = HazardDate.state.in_((DateState.PROPOSED, DateState.SUPERVISOR))

KINDS: dict[str, tuple[ColumnElement[bool], ...]] = {
    "major": (_OPEN == 1, _major(~Hazard.dates.any()) == 1),
    "agreed": (_OPEN == 1, _major(Hazard.agreed_on >= AHEAD, ~Hazard.dates.any(_ASKED)) == 1),
    "late": (_OPEN == 1, _major(Hazard.agreed_on < TODAY, ~Hazard.dates.any(_ASKED)) == 1),
    "hazard": (_OPEN == 1, _hazards(Hazard.status == HazardStatus.OPEN, Hazard.level == "general") == 1),
    "rated": (_SURVEYS == 1, _surveys(Survey.due_on > TODAY) == 1, _NO_HAZARD),
    "rated_late": (_SURVEYS == 1, _surveys(Survey.due_on < TODAY) == 1, _NO_HAZARD),
    "visited": (
        _services(Service.status.in_(_COMING)) == 1,
        _services(
            Service.status.in_((ServiceStatus.CONFIRMED, ServiceStatus.DISPATCHED)),
            Service.starts_at > NOW,
            Service.team_id.is_not(None),
        )
        == 1,
        _SURVEYS == 0,
        _NO_HAZARD,
    ),
    "booker": (_CHECKS, _NO_CHECK, _NOTHING_COMING, _SURVEYS == 0, _NO_HAZARD),
    "trainee": (_LESSONS, _NO_LESSON, _NOTHING_COMING, _SURVEYS == 0, _NO_HAZARD),
    "plain": (_NOTHING_COMING, _SURVEYS == 0, _NO_HAZARD),
}
"""The rarest first: a firm is given to the first kind that it fits."""


class Firms:
    """Hands out each firm once. Of those without anything under way more are made when the demo has no more."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._made = 0
        self._pattern: dict[str, Row] = {}
        self._pools: dict[str, Iterator[Row]] = {}
        taken: set[str] = set()
        for kind, conditions in KINDS.items():
            found = [row for row in firms_of(database, *conditions) if row["phone"] not in taken]
            taken |= {row["phone"] for row in found} if kind != "booker" else {row["phone"] for row in found[:60]}
            self._pools[kind] = iter(found)
            if found and kind in {"booker", "plain"}:
                self._pattern[kind] = found[0]

    def take(self, kind: str) -> Row:
        """One that nobody had. Raises AssertionError when the demo has no more of this kind and none can be made."""
        found = next(self._pools[kind], None)
        if found is None and kind in self._pattern:
            self._made += 1
            found = _another(self._database, self._pattern[kind], self._made)
        assert found is not None, f"the demo has no more firm of the kind {kind}"
        return found


def _another(database: Database, pattern: Row, number: int) -> Row:
    """A firm with a policy and promises like those of another one, and no past."""
    with database.write() as session:
        policy = session.scalars(select(Policy).where(Policy.number == pattern["policy"])).one()
        like = policy.insureds[0]
        made: Row = {
            "policy": f"AZ2026{990000 + number}",
            "phone": f"1380099{number:04d}",
            "firm": f"{like.city.removesuffix('市')}第{number}机械有限公司",
        }
        insured = Insured(
            name=made["firm"], sector=like.sector, industry=like.industry, size_class=like.size_class,
            province=like.province, city=like.city, address=f"{like.address}{number}栋",
            contact_name=like.contact_name, contact_phone=made["phone"],
        )  # fmt: skip
        another = Policy(
            number=made["policy"], applicant=Applicant(name=made["firm"]), branch_id=policy.branch_id,
            start_on=policy.start_on, end_on=policy.end_on, premium_cents=policy.premium_cents, insureds=[insured],
            years=[PolicyYear(no=year.no, from_on=year.from_on, to_on=year.to_on) for year in policy.years],
        )  # fmt: skip
        session.add(another)
        session.flush()
        session.add(PolicyNotice(  # handed over with the policy (6.4): no notice comes by itself into the talk
            policy_id=another.id, insured_id=insured.id, told_on=policy.start_on, way="paper", words="说明书",
            noted_at=NOW, noted_by="test",
        ))  # fmt: skip
        session.flush()
        for promise in session.scalars(select(PromisedService).where(PromisedService.policy_id == policy.id)):
            session.add(PromisedService(policy_id=another.id, item=promise.item, per_year=promise.per_year))
    return made


def firms_of(database: Database, *conditions: ColumnElement[bool]) -> list[Row]:
    """Insureds under one policy that stays in force, with a contact of their own and no complaint, bound to nobody."""
    in_force = (Policy.start_on <= TODAY, Policy.end_on >= LONG_ENOUGH, Policy.ended_early_on.is_(None))
    complained = select(Complaint.insured_id).where(Complaint.insured_id.is_not(None))
    of_groups = select(PolicyInsured.policy_id).group_by(PolicyInsured.policy_id).having(func.count() > 1)
    with database.read() as session:
        found = session.execute(
            select(Policy.number, Insured.contact_phone, Insured.name)
            .join(PolicyInsured, PolicyInsured.policy_id == Policy.id)
            .join(Insured, Insured.id == PolicyInsured.insured_id)
            .where(
                *in_force,
                *conditions,
                Insured.contact_phone.is_not(None),
                Insured.id.not_in(complained),
                Policy.id.not_in(of_groups),
                ~exists().where(Right.insured_id == Insured.id),
            )
            .order_by(Insured.id, Policy.start_on.desc())
        ).all()
        phones = list(session.scalars(select(Insured.contact_phone)))
    return [
        {"policy": row.number, "phone": row.contact_phone, "firm": row.name}
        for row in found
        if phones.count(row.contact_phone) == 1
    ]
