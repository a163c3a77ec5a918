"""What an insured is told: where one complains, by when it is answered, what one can do then (6.4)."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.identity.models import Branch
from anze.management.models import ComplaintChannel
from anze.policies.models import Policy
from anze.standard.editions import editions
from anze.texts import text


def words_of(session: Session, policy: Policy, today: date) -> str:
    """The whole notice, by the channels of the policy's branch and the terms of the edition in force."""
    branch = session.get_one(Branch, policy.branch_id)
    channels = session.scalars(
        select(ComplaintChannel.value)
        .where(
            ComplaintChannel.branch_id == branch.id, ComplaintChannel.from_on <= today,
            (ComplaintChannel.to_on.is_(None)) | (ComplaintChannel.to_on >= today),
        )
        .order_by(ComplaintChannel.id)
    ).all()  # fmt: skip
    law = editions().on(today).complaint.standard
    return text(
        "procedure.words", policy=policy.number, branch=branch.name, channels="、".join(channels) or branch.hotline,
        ordinary=law.ordinary.days, complex=law.complex.days, law=law.name,
    )  # fmt: skip
