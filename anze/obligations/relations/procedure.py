"""Insureds of policies in force, told how complaints are handled or not (6.4)."""

from typing import Any

from sqlalchemy import Select, and_, or_, select

from anze.obligations.relations.base import Asked, Relation, contract, firm
from anze.policies.models import Insured, Policy, PolicyInsured
from anze.procedure.models import PolicyNotice


def _notices(asked: Asked) -> Select[Any]:
    told = and_(
        PolicyNotice.policy_id == Policy.id, PolicyNotice.insured_id == Insured.id,
        PolicyNotice.told_on <= asked.today, asked.seen(PolicyNotice.noted_at),
    )  # fmt: skip
    return (
        select(
            Policy.id.label("id"), Policy.number.label("number"), *contract(), *firm(), Policy.start_on.label("day"),
            PolicyNotice.told_on.label("told_on"),
        )
        .join(PolicyInsured, PolicyInsured.insured_id == Insured.id)
        .join(Policy, Policy.id == PolicyInsured.policy_id)
        .outerjoin(PolicyNotice, told)
        .where(
            Policy.start_on <= asked.today, Policy.end_on >= asked.today,
            or_(Policy.ended_early_on.is_(None), Policy.ended_early_on >= asked.today),
        )
    )  # fmt: skip


POLICY_NOTICES = Relation("policy_notice", _notices, ("number", "insured", "told_on"))
