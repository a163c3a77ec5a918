"""Open cases that may be the same grievance: of a case that is written down, or of one that is being written down."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session, selectinload

from anze.complaints import store, words
from anze.complaints.models import UNDER_WAY, Complaint, ComplaintForm
from anze.complaints.registering import insureds_of
from anze.conversations.normalise import normalise
from anze.identity.speaker import Speaker
from anze.policies.models import Insured

_NEAR, _RECENT = 50, 100
"""Rows that are compared: of the same firm or telephone, and the newest ones by their words alone."""
_ENOUGH = 12
"""Characters from which on words alone can tell"""
_SAME_WORDS = 50
"""Percent of shared pairs from which on words alone count"""
_FIRM = 4
"""Characters of a firm's name from which on a part of it is looked for"""


@dataclass(frozen=True)
class Telling:
    """What is known of a grievance. `own`: the id of its case, when it has one."""

    said: str
    form: str
    kind: str
    insured_ids: tuple[int, ...] = ()
    firm: str = ""
    phone: str = ""
    own: int | None = None


def likely_same(session: Session, speaker: Speaker, case: Complaint, limit: int = 5) -> list[dict[str, Any]]:
    """Other open cases of the same firm or telephone, the most alike first.

    [{"number", "received_at", "alike": 0–100 (shared pairs of characters), "firm", "mergeable"}…]
    """
    insured = (case.insured_id,) if case.insured_id is not None else ()
    said = "".join(statement.text for statement in case.statements)
    asked = Telling(normalise(said), case.form, case.kind, insured, "", case.contact_phone or "", case.id)
    return _found(session, speaker, asked, limit, by_words=False)


def likely_before(
    session: Session, speaker: Speaker, *, policy_no: str, insured: str, firm: str, phone: str, story: str
) -> dict[str, Any]:
    """While a complaint is written down: {"items": as likely_same, also by words alone, "insureds": names}.

    `insureds`: those of the policy, as far as the speaker may see it; [] for an unknown one.
    """
    plain = normalise(story)
    form = words.form_of(plain) if words.form_of(plain) == ComplaintForm.OBJECTION else ComplaintForm.COMPLAINT
    of_policy = insureds_of(session, speaker, policy_no)[1] if policy_no else []
    meant = [one for one in of_policy if not insured or one.name == insured]
    asked = Telling(plain, form, words.kind_of(plain), tuple(one.id for one in meant), firm, phone)
    items = _found(session, speaker, asked, 5, by_words=True)
    return {"items": items, "total": len(items), "insureds": [one.name for one in of_policy]}


def _found(session: Session, speaker: Speaker, asked: Telling, limit: int, *, by_words: bool) -> list[dict[str, Any]]:
    near = _near(asked)
    rows = {case.id: case for case in _open(session, speaker, asked, [or_(*near)], _NEAR)} if near else {}
    if by_words and len(asked.said) >= _ENOUGH:
        recent = _open(session, speaker, asked, [], _RECENT)
        rows |= {case.id: case for case in recent if alike(asked.said, _said(case)) >= _SAME_WORDS}
    found = [(alike(asked.said, _said(case)), case) for case in rows.values()]
    ordered = sorted(found, key=lambda pair: (-pair[0], pair[1].id))[:limit]
    return [
        {"number": case.number, "received_at": case.received_at.isoformat(), "alike": share,
         "firm": case.insured.name if case.insured else case.firm, "mergeable": _mergeable(asked, case)}
        for share, case in ordered
    ]  # fmt: skip


def _near(asked: Telling) -> list[ColumnElement[bool]]:
    near: list[ColumnElement[bool]] = []
    if asked.insured_ids:
        near.append(Complaint.insured_id.in_(asked.insured_ids))
    if asked.phone:
        near.append(Complaint.contact_phone == asked.phone)
    if len(asked.firm) >= _FIRM:
        named = select(Insured.id).where(Insured.name.contains(asked.firm, autoescape=True))
        near += [Complaint.firm.contains(asked.firm, autoescape=True), Complaint.insured_id.in_(named)]
    return near


def _open(
    session: Session, speaker: Speaker, asked: Telling, more: Sequence[ColumnElement[bool]], most: int
) -> list[Complaint]:
    query = select(Complaint).where(
        store.visible(speaker), Complaint.status.in_(UNDER_WAY), Complaint.number.is_not(None),
        Complaint.form == asked.form, *more,
    )  # fmt: skip
    if asked.own is not None:
        query = query.where(Complaint.id != asked.own)
    query = query.options(selectinload(Complaint.statements), selectinload(Complaint.insured))
    return list(session.scalars(query.order_by(Complaint.received_at.desc(), Complaint.id.desc()).limit(most)))


def _mergeable(asked: Telling, other: Complaint) -> bool:
    """By what is known so far, the same conditions as merging.merge."""
    if asked.kind != other.kind:
        return False
    if asked.insured_ids and other.insured_id:
        return asked.insured_ids == (other.insured_id,)
    return bool(asked.phone) and asked.phone == other.contact_phone


def _said(case: Complaint) -> str:
    return normalise("".join(statement.text for statement in case.statements))


def alike(one: str, other: str) -> int:
    """Shared pairs of neighbouring characters in percent of all (Dice); 0 for texts too short to tell."""
    pairs, others = _pairs(one), _pairs(other)
    if not pairs or not others:
        return 0
    return round(200 * len(pairs & others) / (len(pairs) + len(others)))


def _pairs(text: str) -> set[str]:
    kept = "".join(c for c in text if c.isalnum())
    return {kept[at : at + 2] for at in range(len(kept) - 1)}
