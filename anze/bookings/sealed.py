"""What the chain has of services by digest, beside the steps as people see them."""

from collections import defaultdict
from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.audit.raw import as_json, as_text, events, raw, raw_json
from anze.audit.sealed import Seal, pair, seal
from anze.bookings.kinds import Step
from anze.bookings.models import ServiceStep
from anze.bookings.steps import WORDS


def seals(session: Session) -> Iterator[Seal]:
    """Words of the steps. A step may be older than the chain, so one without an event is none that was added."""
    said: dict[tuple[str, str], list[str]] = defaultdict(list)
    for event in events(session, *(f"service.{step}" for step in Step)):
        for name in WORDS:
            if isinstance(sha256 := event.content.get(f"{name}_sha256"), str):
                said[f"{event.subject} {event.kind}", name].append(sha256)
    kept: dict[tuple[str, str], list[str | None]] = defaultdict(list)
    columns = raw(session, ServiceStep.stage), raw_json(session, ServiceStep.body)
    for service_id, stage, body in session.execute(select(ServiceStep.service_id, *columns).order_by(ServiceStep.id)):
        read = as_json(body)
        for name in WORDS:
            if isinstance(read, dict) and read.get(name):
                kept[f"service:{service_id} service.{as_text(stage)}", name].append(seal(str(read[name])))
    for (key, name), expected in said.items():
        subject = key.split()[0]
        yield from (one for one in pair(subject, "service_words", expected, kept[key, name]) if one.expected)
