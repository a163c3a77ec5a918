"""The data of a hand-over (9.1) as they stood at an instant: firms' data only, of no person. Reads only."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Select, and_, func, literal, or_, select
from sqlalchemy.orm import Session, selectinload

from anze.bookings.kinds import Step
from anze.bookings.models import Service, ServiceStatus, ServiceStep
from anze.clock import SHANGHAI, iso, legal_date
from anze.hazards.models import Hazard, HazardLevel
from anze.hazards.rules import counting
from anze.hazards.views import fact_of
from anze.identity.models import Branch
from anze.policies.models import Insured, Policy, PolicyInsured
from anze.providers.models import Provider
from anze.regulators.schema import FORM, TABLES


@dataclass(frozen=True)
class Scope:
    """What a hand-over is of: the branches below `branch`, insureds of `province`, `first`–`last`, as of `data_at`."""

    branch: Branch
    province: str
    period: str
    first: date
    last: date
    data_at: datetime

    @property
    def tree(self) -> Select[tuple[int]]:
        return select(Branch.id).where(Branch.path.startswith(self.branch.path, autoescape=True))

    @property
    def until(self) -> date:
        """The last day that counts: no day after the data's own."""
        return min(self.last, legal_date(self.data_at))


def document(session: Session, scope: Scope) -> dict[str, Any]:
    """The document of the schema; the same rows give the same, in the same order."""
    tables = {"policies": _policies(session, scope), "services": _services(session, scope),
              "hazards": _hazards(session, scope)}  # fmt: skip
    return {
        "form": FORM, "branch": scope.branch.name, "province": scope.province, "period": scope.period,
        "first_on": scope.first.isoformat(), "last_on": scope.last.isoformat(),
        "data_at": scope.data_at.astimezone(SHANGHAI).isoformat(timespec="microseconds"),
        "counts": {name: len(tables[name]) for name in TABLES}, **tables,
    }  # fmt: skip


def _policies(session: Session, scope: Scope) -> list[dict[str, Any]]:
    ends = func.coalesce(Policy.ended_early_on, Policy.end_on)
    query = (
        select(Policy, Insured)
        .join(PolicyInsured, PolicyInsured.policy_id == Policy.id)
        .join(Insured, Insured.id == PolicyInsured.insured_id)
        .where(
            Policy.branch_id.in_(scope.tree), Insured.province == scope.province, Policy.start_on <= scope.until,
            ends >= scope.first, ends >= Policy.start_on,
        )
        .order_by(Policy.id, Insured.id)
    )  # fmt: skip
    return [
        {
            "policy": policy.number, "insured": insured.name, "uscc": insured.uscc, "sector": insured.sector,
            "industry": insured.industry, "size": insured.size_class, "city": insured.city,
            "start_on": policy.start_on.isoformat(), "end_on": policy.end_on.isoformat(),
            "ended_early_on": iso(policy.ended_early_on), "premium_cents": policy.premium_cents,
        }
        for policy, insured in session.execute(query)
    ]  # fmt: skip


def _services(session: Session, scope: Scope) -> list[dict[str, Any]]:
    """Completed ones; that it was recorded after the data's instant is known by the step."""
    recorded = select(literal(1)).where(ServiceStep.service_id == Service.id, ServiceStep.stage == Step.COMPLETED)
    query = (
        select(Service, Policy.number, Insured, Provider)
        .join(Policy, Policy.id == Service.policy_id)
        .join(Insured, Insured.id == Service.insured_id)
        .outerjoin(Provider, Provider.id == Service.provider_id)
        .where(
            Policy.branch_id.in_(scope.tree), Insured.province == scope.province,
            Service.status == ServiceStatus.COMPLETED, Service.completed_on >= scope.first,
            Service.completed_on <= scope.until,
            or_(~recorded.exists(), recorded.where(ServiceStep.at <= scope.data_at).exists()),
        )
        .order_by(Service.id)
    )  # fmt: skip
    return [
        {
            "service": service.number, "policy": policy, "insured": insured.name, "uscc": insured.uscc,
            "item": service.item, "completed_on": iso(service.completed_on), "report_no": service.report_no,
            "provider": provider.name if provider else None, "provider_uscc": provider.uscc if provider else None,
        }
        for service, policy, insured, provider in session.execute(query)
    ]  # fmt: skip


def _hazards(session: Session, scope: Scope) -> list[dict[str, Any]]:
    begin = datetime.combine(scope.first, time(), SHANGHAI)
    end = datetime.combine(scope.last + timedelta(days=1), time(), SHANGHAI)
    query = (
        select(Hazard, Service.number, Insured)
        .join(Service, Service.id == Hazard.service_id)
        .join(Insured, Insured.id == Hazard.insured_id)
        .where(
            Hazard.branch_id.in_(scope.tree), Insured.province == scope.province,
            and_(Hazard.found_at >= begin, Hazard.found_at < end, Hazard.found_at <= scope.data_at),
        )
        .order_by(Hazard.id)
        .options(selectinload(Hazard.dates))
    )  # fmt: skip
    return [
        {
            "hazard": hazard.number, "service": service, "insured": insured.name, "uscc": insured.uscc,
            "level": hazard.level, "found_on": legal_date(hazard.found_at).isoformat(),
            "notified_on": _seen(hazard.notified_at, scope), "agreed_on": _agreed(hazard, scope),
            "closed_on": _seen(hazard.closed_at, scope),
        }
        for hazard, service, insured in session.execute(query)
    ]  # fmt: skip


def _seen(at: datetime | None, scope: Scope) -> str | None:
    return legal_date(at).isoformat() if at and at <= scope.data_at else None


def _agreed(hazard: Hazard, scope: Scope) -> str | None:
    """The date that counted at the data's instant."""
    if hazard.level != HazardLevel.MAJOR:
        return None
    facts = (fact_of(row) for row in hazard.dates)
    found = counting([fact for fact in facts if fact.complete_at and fact.complete_at <= scope.data_at])
    return found.date.due_on.isoformat() if found.date else None
