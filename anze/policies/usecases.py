"""What the rest of the application asks of policies."""

from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from anze.policies.models import Policy, PolicyInsured, PromisedService
from anze.policies.rules import Contract, Slice


def in_force(session: Session, insured_id: int, day: date) -> list[Policy]:
    """Policies that cover an insured on a legal date, newest first."""
    return list(
        session.scalars(
            select(Policy)
            .join(PolicyInsured, PolicyInsured.policy_id == Policy.id)
            .where(
                PolicyInsured.insured_id == insured_id,
                Policy.start_on <= day,
                Policy.end_on >= day,
                or_(Policy.ended_early_on.is_(None), Policy.ended_early_on >= day),
            )
            .order_by(Policy.start_on.desc())
        )
    )


def contracts(session: Session, insured_id: int) -> list[Contract]:
    """All contracts of an insured, past and coming ones too, newest first."""
    policies = session.scalars(
        select(Policy)
        .join(PolicyInsured, PolicyInsured.policy_id == Policy.id)
        .where(PolicyInsured.insured_id == insured_id)
        .options(selectinload(Policy.years), joinedload(Policy.branch))
        .order_by(Policy.start_on.desc(), Policy.id.desc())
    ).all()
    promised: dict[int, dict[str, int]] = {}
    rows = select(PromisedService).where(PromisedService.policy_id.in_([policy.id for policy in policies]))
    for row in session.scalars(rows):
        promised.setdefault(row.policy_id, {})[row.item] = row.per_year
    return [
        Contract(
            policy.id,
            policy.number,
            policy.branch_id,
            policy.start_on,
            min(policy.end_on, policy.ended_early_on or policy.end_on),
            promised.get(policy.id, {}),
            tuple(Slice(year.no, year.from_on, year.to_on) for year in policy.years),
        )
        for policy in policies
    ]


def hold_contract(session: Session, policy_id: int, insured_id: int) -> None:
    """Keep others from using up what is promised to an insured until the transaction ends."""
    session.execute(
        select(PolicyInsured.policy_id)
        .where(PolicyInsured.policy_id == policy_id, PolicyInsured.insured_id == insured_id)
        .with_for_update()
    )


def newest(session: Session, insured_id: int) -> Policy | None:
    """The policy that began last, in force or not."""
    return session.scalar(
        select(Policy)
        .join(PolicyInsured, PolicyInsured.policy_id == Policy.id)
        .where(PolicyInsured.insured_id == insured_id)
        .order_by(Policy.start_on.desc(), Policy.id.desc())
        .limit(1)
    )
