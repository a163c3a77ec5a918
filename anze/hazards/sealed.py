"""What the chain has of hazards by digest (6.2), beside the rows as they stand."""

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from anze.audit.raw import RawEvent, events, raw
from anze.audit.sealed import Seal, seal
from anze.hazards.models import Hazard, HazardDate

_FOUND = ("place", "description", "basis", "advice")
_UNTOLD = "untold"
_PROPOSED = {"reason": "reason", "measures": "interim_measures"}


def seals(session: Session) -> Iterator[Seal]:
    """What was found, why which date was proposed, how it was put right, and what staff said of that."""
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
    yield from _newest(session, Hazard.rectification, "rectification", _reported, "reported", "report_added")
    yield from _newest(session, Hazard.verdict, "verdict", _judged, "closed", "sent_back")


def _newest(
    session: Session, column: Any, what: str, read: Callable[[RawEvent, bool], str | None], *kinds: str
) -> Iterator[Seal]:
    """A text that grows or is replaced: the newest event tells it. `_UNTOLD`: an older event, which does not."""
    told: dict[str, str | None] = {}
    for event in events(session, *(f"hazard.{kind}" for kind in kinds)):
        told[str(event.subject)] = read(event, str(event.subject) in told)
    kept = {key: row for (key,), row in _rows(session, [column], [Hazard.id]).items()}
    for subject in sorted(told.keys() | kept.keys()):
        if told.get(subject) != _UNTOLD:
            yield Seal(subject, what, told.get(subject), seal(kept.get(subject, {}).get(column.key)))


def _reported(event: RawEvent, again: bool) -> str | None:
    """Older events have the digest of the words that they added: the whole only where nothing was said before."""
    body = event.content
    older = _UNTOLD if again else body.get("text_sha256", _UNTOLD)
    told: str | None = body.get("rectification_sha256", older)
    return told


def _judged(event: RawEvent, _again: bool) -> str | None:
    told: str | None = event.content.get("words_sha256", _UNTOLD)
    return told


def _rows(session: Session, columns: list[Any], keys: list[Any]) -> dict[tuple[Any, ...], dict[str, Any]]:
    """The columns by subject and what else makes the key."""
    read: list[ColumnElement[Any]] = [raw(session, column) for column in columns]
    rows = session.execute(select(*keys, *read))
    names = [column.key for column in columns]
    return {
        (f"hazard:{row[0]}", *(str(key) for key in row[1 : len(keys)])): dict(zip(names, row[len(keys) :], strict=True))
        for row in rows
    }
