"""What the rest of the application asks of policies."""

from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from anze.policies.models import Policy, PolicyInsured


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
