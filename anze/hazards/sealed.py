"""What the chain has of hazards by digest (6.2), beside the rows as they stand."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from anze.audit.raw import events, raw
from anze.audit.sealed import Seal, seal
from anze.hazards.models import Hazard, HazardDate

_FOUND = ("place", "description", "basis", "advice")
_PROPOSED = {"reason": "reason", "measures": "interim_measures"}


def seals(session: Session) -> Iterator[Seal]:
    """What was found, and why which date was proposed."""
    found = _rows(session, [getattr(Hazard, name) for name in _FOUND], [Hazard.id])
    for event in events(session, "hazard.found"):
        row = found.get((event.subject,), {})
        for name in _FOUND:
            if expected := event.content.get(f"{name}_sha256"):
                yield Seal(str(event.subject), "hazard", expected, seal(row.get(name)))
    proposed = _rows(session, [HazardDate.reason, HazardDate.interim_measures], [HazardDate.hazard_id, HazardDate.no])
    for event in events(session, "hazard.date_proposed"):
        row = proposed.get((event.subject, str(event.content.get("no"))), {})
        for name, column in _PROPOSED.items():
            if expected := event.content.get(f"{name}_sha256"):
                yield Seal(str(event.subject), "hazard_date", expected, seal(row.get(column)))


def _rows(session: Session, columns: list[Any], keys: list[Any]) -> dict[tuple[Any, ...], dict[str, Any]]:
    """The columns by subject and what else makes the key."""
    read: list[ColumnElement[Any]] = [raw(session, column) for column in columns]
    rows = session.execute(select(*keys, *read))
    names = [column.key for column in columns]
    return {
        (f"hazard:{row[0]}", *(str(key) for key in row[1 : len(keys)])): dict(zip(names, row[len(keys) :], strict=True))
        for row in rows
    }
