"""Another telephone is on file: what the old one stood for ends, as when a main contact is removed."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from anze.audit.chain import append
from anze.identity.models import Invitation, Person, Right, RightKind

_KINDS = {"insured": RightKind.MAIN_CONTACT, "applicant": RightKind.APPLICANT}


def contact_moved(
    session: Session, whose: str, phones: Mapping[int, str | None], *, by: str, now: datetime
) -> dict[int, int]:
    """End the rights that the telephone on file gave to somebody with another one; how many for each firm.

    `whose`: insured or applicant; `phones`: the telephone now by its id. Who was let in (a colleague, an agent) stays:
    their right stands on a decision, not on the telephone. Links that somebody who is out now has sent open nothing.
    """
    column = Right.insured_id if whose == "insured" else Right.applicant_id
    found = session.execute(
        select(Right, Person.phone)
        .join(Person, Person.id == Right.person_id)
        .where(column.in_(list(phones)), Right.kind == _KINDS[whose], Right.ended_at.is_(None))
        .order_by(Right.id)
        .with_for_update(of=Right)
    )
    ended: dict[int, int] = {}
    for right, phone in found.all():
        firm = right.insured_id if whose == "insured" else right.applicant_id
        if firm is None or phone == phones[firm]:
            continue
        right.ended_at, right.ended_by = now, by[:40]
        if whose == "insured":
            session.execute(
                update(Invitation)
                .where(Invitation.insured_id == firm, Invitation.created_by == right.person_id,
                       Invitation.used_by.is_(None))
                .values(expires_at=now)
            )  # fmt: skip
        append(session, at=now, kind="identity.ended", subject=f"person:{right.person_id}", actor=by,
               body={"right_id": right.id})  # fmt: skip
        ended[firm] = ended.get(firm, 0) + 1
    return ended
