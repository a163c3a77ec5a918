"""The card of a complaint: what is known of it, and what is still to be asked."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from anze.bookings.models import Service
from anze.clock import legal_date
from anze.complaints import representing
from anze.complaints.keeping import story
from anze.complaints.models import Complaint, ComplaintForm, Evidence, StatementKind
from anze.policies.models import Insured, Policy
from anze.standard.editions import load as load_standard
from anze.texts import text as say

Rows = list[dict[str, str]]


def view(session: Session, draft: Complaint) -> dict[str, Any]:
    """What the dialogue needs: `missing` in order of asking, `asks` what is wanted besides, the card's `rows`."""
    return {
        "missing": missing(draft),
        "asks": representing.asks(draft),
        "rows": rows(session, draft),
        "kind": draft.kind,
        "form": draft.form,
    }


def missing(draft: Complaint) -> list[str]:
    """What is still to be asked, in order. Nothing that the data hold is asked."""
    wanted = [] if story(draft) else ["story"]
    if draft.insured_id is None and draft.firm is None:
        wanted.append("firm")
    if draft.contact_phone is None:
        wanted.append("contact")
    return wanted


def rows(session: Session, draft: Complaint) -> Rows:
    """Label and value of what is known, in the order of reading."""
    insured = session.get(Insured, draft.insured_id) if draft.insured_id else None
    policy = session.get(Policy, draft.policy_id) if draft.policy_id else None
    evidence = session.scalar(select(func.count()).where(Evidence.complaint_id == draft.id)) or 0
    wishes = [s.text for s in draft.statements if s.kind == StatementKind.WISH]
    contact = " ".join(part for part in (draft.contact_name, draft.contact_phone) if part)
    who = {
        "form": say(f"complaint.form.{draft.form}") if draft.form != ComplaintForm.COMPLAINT else None,
        "follows": draft.follows.number if draft.follows else None,
        "firm": insured.name if insured else draft.firm or say("complaint.card.not_known"),
        "policy": policy.number if policy else None,
        "contact": contact or say("complaint.card.not_known"),
    }
    what = {
        "story": story(draft) or say("complaint.card.not_told"),
        "service": _service(session, draft),
        "wish": wishes[-1] if wishes else None,
        "evidence": say("complaint.card.files", count=evidence) if evidence else None,
    }
    return [*_labelled(who), *representing.rows(draft), *_labelled(what)]


def _labelled(values: dict[str, str | None]) -> Rows:
    return [{"label": say(f"complaint.card.{name}"), "value": value} for name, value in values.items() if value]


def _service(session: Session, draft: Complaint) -> str | None:
    """The service that the complaint is about, as people know it: day, what, by whom."""
    service = session.get(Service, draft.service_id) if draft.service_id else None
    if service is None:
        return None
    day = legal_date(service.starts_at).isoformat() if service.starts_at else ""
    item = next(i.everyday[0] for i in load_standard(draft.edition).service_items if i.letter == service.item)
    provider = service.provider.short_name if service.provider else ""
    return say("complaint.card.service_line", day=day, item=item, provider=provider)
