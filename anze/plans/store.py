"""Queries over plans, within the speaker's branch tree or for the firms that somebody acts for."""

from collections.abc import Iterable

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from anze.bookings.models import Service
from anze.errors import DomainError
from anze.hazards.models import Hazard, HazardLevel, HazardStatus
from anze.identity.branches import branches_of
from anze.identity.denied import DeniedError
from anze.identity.speaker import Speaker
from anze.plans.kinds import State
from anze.plans.models import InsuredProfile, PlanParty, PlanVersion, ServicePlan
from anze.policies.models import Insured, Policy, PolicyInsured
from anze.providers.models import Provider


def visible(speaker: Speaker) -> Select[tuple[ServicePlan]]:
    return select(ServicePlan).where(ServicePlan.branch_id.in_(branches_of(speaker)))


def found(session: Session, speaker: Speaker, id_: int, *, lock: bool = False) -> ServicePlan:
    """A plan. Raises not_found; DeniedError when it is another tree's."""
    row = session.get(ServicePlan, id_, with_for_update=lock or None, populate_existing=lock)
    if row is None:
        raise DomainError("not_found", 404)
    if session.scalar(visible(speaker).where(ServicePlan.id == id_).with_only_columns(ServicePlan.id)) is None:
        raise DeniedError(speaker.actor, f"plan:{id_}")
    return row


def policies(session: Session, speaker: Speaker, numbers: Iterable[str]) -> list[Policy]:
    """Policies by number. Raises plan_policy for one that is not there; DeniedError for another tree's."""
    rows = []
    for number in dict.fromkeys(numbers):
        row = session.scalar(select(Policy).where(Policy.number == number).options(selectinload(Policy.insureds)))
        if row is None:
            raise DomainError("plan_policy", 422, number=number)
        if row.branch_id not in set(session.scalars(branches_of(speaker))):
            raise DeniedError(speaker.actor, f"policy:{row.id}")
        rows.append(row)
    return rows


def insured(session: Session, speaker: Speaker, id_: int) -> Insured:
    """Raises not_found; DeniedError for an insured without a policy in the tree."""
    row = session.get(Insured, id_)
    if row is None:
        raise DomainError("not_found", 404)
    own = select(PolicyInsured.insured_id).join(Policy, Policy.id == PolicyInsured.policy_id)
    own = own.where(PolicyInsured.insured_id == id_, Policy.branch_id.in_(branches_of(speaker)))
    if session.scalar(own.limit(1)) is None:
        raise DeniedError(speaker.actor, f"insured:{id_}")
    return row


def profiles(session: Session, ids: Iterable[int]) -> dict[int, InsuredProfile]:
    """The newest of each insured that has one."""
    newest = (
        select(InsuredProfile.insured_id, func.max(InsuredProfile.version).label("version"))
        .where(InsuredProfile.insured_id.in_(list(ids)))
        .group_by(InsuredProfile.insured_id)
        .subquery()
    )
    query = select(InsuredProfile).join(
        newest,
        (InsuredProfile.insured_id == newest.c.insured_id) & (InsuredProfile.version == newest.c.version),
    )
    return {row.insured_id: row for row in session.scalars(query)}


def of_firms(session: Session, insured_ids: Iterable[int]) -> list[PlanVersion]:
    """Versions that were offered to firms and not replaced, the newest first."""
    query = (
        select(PlanVersion)
        .join(PlanParty, PlanParty.plan_id == PlanVersion.plan_id)
        .where(
            PlanParty.insured_id.in_(list(insured_ids)),
            PlanVersion.state.in_([State.OFFERED, State.WANTED, State.CONFIRMED]),
        )
        .order_by(PlanVersion.id.desc())
        .options(joinedload(PlanVersion.plan))
    )
    return list(session.scalars(query).unique())


def last_provider(session: Session, policy_ids: Iterable[int], item: str) -> str | None:
    """Whoever did this item last under the policies."""
    query = (
        select(Provider.name)
        .join(Service, Service.provider_id == Provider.id)
        .where(Service.policy_id.in_(list(policy_ids)), Service.item == item)
        .order_by(Service.requested_at.desc(), Service.id.desc())
    )
    return session.scalar(query.limit(1))


def open_majors(session: Session, insured_id: int) -> list[Hazard]:
    """Major hazards that are not closed."""
    query = select(Hazard).where(
        Hazard.insured_id == insured_id, Hazard.level == HazardLevel.MAJOR, Hazard.status != HazardStatus.CLOSED
    )
    return list(session.scalars(query.order_by(Hazard.id)))
