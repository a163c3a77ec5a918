"""What happened in a case, line by line, as the chain has it."""

import json
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.audit.models import AuditEvent
from anze.complaints.models import Complaint
from anze.identity.names import names
from anze.texts import all_texts
from anze.texts import text as say

_TOPIC = "complaint."


def timeline(session: Session, case: Complaint) -> list[dict[str, Any]]:
    """The events about a case in their order: [{"kind", "at", "actor" (a name), "words"}…]."""
    query = select(AuditEvent).where(AuditEvent.subject == f"complaint:{case.id}").order_by(AuditEvent.seq)
    events = list(session.scalars(query))
    who = names(session, [event.actor for event in events])
    return [
        {"kind": event.kind, "at": event.at.isoformat(), "actor": who[event.actor], "words": _words(event)}
        for event in events
    ]


def _words(event: AuditEvent) -> str:
    key = f"complaint.event.{event.kind.removeprefix(_TOPIC)}"
    words = say(key if key in all_texts() else "complaint.event.other")
    about = json.loads(event.body).get("about")
    return f"{words}（{say(f'complaint.about.{about}')}）" if about else words
