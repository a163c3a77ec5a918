"""What a printed code stands for (二维码场景值): the policy of what it is printed on."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.bookings.models import Service
from anze.plans.models import PlanParty
from anze.policies.models import Policy

POLICY = "policy:"
_SERVICE, _PLAN = "FW", "FA"


def policy_named(session: Session, named: str) -> str | None:
    """The number of the policy that a number of a policy, a service (派单) or a plan (方案) belongs to; None: there is
    none, or a plan of several policies, which each need their own code."""
    number = named.strip().upper()
    query = select(Policy.number).where(Policy.number == number)
    if number.startswith(_SERVICE):
        query = select(Policy.number).join(Service, Service.policy_id == Policy.id).where(Service.number == number)
    elif number.startswith(_PLAN):
        digits = number.removeprefix(_PLAN)
        plan_id = int(digits) if digits.isdecimal() and len(digits) <= 9 else 0
        query = select(Policy.number).join(PlanParty, PlanParty.policy_id == Policy.id).where(
            PlanParty.plan_id == plan_id
        )  # fmt: skip
    found = session.scalars(query.distinct()).all()
    return found[0] if len(found) == 1 else None


def policy_in(session: Session, scene: str) -> Policy | None:
    """The policy of a scene that the platform tells of."""
    if not scene.startswith(POLICY):
        return None
    return session.scalar(select(Policy).where(Policy.number == scene.removeprefix(POLICY)))
