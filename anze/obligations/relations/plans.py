"""Policies in force with the newest plan that was offered for them (6.1)."""

from typing import Any

from sqlalchemy import Select, case, false, func, or_, select

from anze.obligations.relations.base import Asked, Relation, contract, firm
from anze.obligations.sql import shanghai_day
from anze.plans.models import PlanParty, PlanVersion
from anze.policies.models import Insured, Policy, PolicyInsured


def _plans(asked: Asked) -> Select[Any]:
    """Each policy in force, of its first insured: made when a version was first offered, confirmed when all agreed."""
    offered = (
        select(
            PlanParty.policy_id,
            func.max(PlanVersion.id).label("newest"),
            func.min(PlanVersion.offered_at).label("first"),
        )
        .join(PlanVersion, PlanVersion.plan_id == PlanParty.plan_id)
        .where(PlanVersion.offered_at.is_not(None), asked.seen(PlanVersion.offered_at))
        .group_by(PlanParty.policy_id)
        .subquery()
    )
    first = (
        select(PolicyInsured.policy_id, func.min(PolicyInsured.insured_id).label("insured_id"))
        .group_by(PolicyInsured.policy_id)
        .subquery()
    )
    confirmed = case((asked.seen(PlanVersion.confirmed_at), shanghai_day(PlanVersion.confirmed_at)))
    return (
        select(
            Policy.id.label("id"), Policy.number.label("number"), *contract(), *firm(), Policy.start_on.label("day"),
            shanghai_day(offered.c.first).label("made_on"), confirmed.label("confirmed_on"),
            func.coalesce(PlanVersion.profiled, false()).label("profiled"),
            func.coalesce(PlanVersion.whole, false()).label("whole"),
        )
        .join(first, first.c.policy_id == Policy.id)
        .join(Insured, Insured.id == first.c.insured_id)
        .outerjoin(offered, offered.c.policy_id == Policy.id)
        .outerjoin(PlanVersion, PlanVersion.id == offered.c.newest)
        .where(
            Policy.start_on <= asked.today, Policy.end_on >= asked.today,
            or_(Policy.ended_early_on.is_(None), Policy.ended_early_on >= asked.today),
        )
    )  # fmt: skip


PLANS = Relation("plan", _plans, ("number", "insured", "made_on", "confirmed_on"))
