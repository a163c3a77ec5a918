"""What the chain has of complaints by digest (6.4, 7.4), beside the rows as they stand."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import ColumnElement, String, select, type_coerce
from sqlalchemy.orm import Session

from anze.audit.raw import RawEvent, as_json, as_text, events, raw, raw_json
from anze.audit.sealed import Seal, pair, seal
from anze.complaints.deciding import PARTS, remedies_sha256
from anze.complaints.desk_models import ComplaintRegister
from anze.complaints.handling_models import Improvement
from anze.complaints.models import Decision, Evidence, Statement
from anze.complaints.register_rules import sealed
from anze.conversations.models import Direction, Message

_ENDED = ("complaint.withdrawn", "complaint.dropped")


def seals(session: Session) -> Iterator[Seal]:
    """Statements, decisions, the words that ended a case, evidence, registers as issued, what was changed (8.2)."""
    yield from _statements(session)
    yield from _decisions(session)
    yield from _endings(session)
    yield from _evidence(session)
    yield from _registers(session)
    yield from _measures(session)


def _statements(session: Session) -> Iterator[Seal]:
    said: dict[tuple[str, str], list[str]] = defaultdict(list)
    for event in events(session, "complaint.stated"):
        body = event.content
        if event.subject and isinstance(body.get("text_sha256"), str):
            said[event.subject, str(body.get("kind"))].append(body["text_sha256"])
    kept: dict[tuple[str, str], list[str | None]] = defaultdict(list)
    columns = raw(session, Statement.kind), raw(session, Statement.text)
    for complaint_id, kind, text in session.execute(
        select(Statement.complaint_id, *columns).order_by(Statement.complaint_id, Statement.id)
    ):
        kept[f"complaint:{complaint_id}", str(as_text(kind))].append(seal(text))
    for subject, kind in sorted(said.keys() | kept.keys()):
        yield from pair(subject, "statement", said[subject, kind], kept[subject, kind])


def _decisions(session: Session) -> Iterator[Seal]:
    columns: list[ColumnElement[Any]] = [raw(session, getattr(Decision, name)) for name in PARTS[:-1]]
    columns.append(raw_json(session, Decision.remedies))
    rows = {
        f"complaint:{complaint_id}": dict(zip(PARTS, parts, strict=True))
        for complaint_id, *parts in session.execute(select(Decision.complaint_id, *columns))
    }
    decided: dict[str, RawEvent] = {}
    for event in events(session, "complaint.decided", "complaint.told"):
        if event.kind == "complaint.decided":
            decided[str(event.subject)] = event  # one that takes the place of an earlier one counts
        elif "outcome_sha256" in event.content:
            outcome = rows[str(event.subject)]["outcome"] if event.subject in rows else None
            yield Seal(str(event.subject), "told", event.content["outcome_sha256"], seal(outcome))
    for subject, event in decided.items():
        row = rows.get(subject)
        for name in PARTS:
            if (expected := event.content.get(f"{name}_sha256")) is not None:
                yield Seal(subject, f"decision_{name}", expected, _part(row, name) if row else None)
    for subject in rows.keys() - decided.keys():
        yield Seal(subject, "decision_outcome", None, seal(rows[subject]["outcome"]))


def _part(row: dict[str, Any], name: str) -> str | None:
    if name != "remedies":
        return seal(row[name])
    offered = as_json(row[name])
    sound = isinstance(offered, list) and all(isinstance(one, dict) for one in offered)
    return remedies_sha256(offered) if sound else seal(repr(row[name]))


def _endings(session: Session) -> Iterator[Seal]:
    """The message with which somebody took a complaint back; it came in at the moment of the event."""
    for event in events(session, *_ENDED):
        expected = event.content.get("text_sha256")
        if expected is None or event.at is None:
            continue
        texts = session.scalars(
            select(raw(session, Message.text)).where(Message.at == event.at, Message.direction == Direction.IN)
        )
        found = [seal(text) for text in texts]
        yield Seal(str(event.subject), "ending", expected, expected if expected in found else _first(found))


def _first(found: Iterable[str | None]) -> str | None:
    return next(iter(found), None)


def _evidence(session: Session) -> Iterator[Seal]:
    added: dict[str, list[str]] = defaultdict(list)
    for event in events(session, "complaint.evidence_added"):
        added[str(event.subject)].append(str(seal(str(event.content.get("file_id")))))
    kept: dict[str, list[str | None]] = defaultdict(list)
    for complaint_id, file_id in session.execute(select(Evidence.complaint_id, raw(session, Evidence.file_id))):
        kept[f"complaint:{complaint_id}"].append(seal(file_id))
    for subject in sorted(added.keys() | kept.keys()):
        yield from pair(subject, "evidence", added[subject], kept[subject])


def _registers(session: Session) -> Iterator[Seal]:
    issued = {str(event.subject): event for event in events(session, "complaint.register_issued")}
    columns = raw(session, ComplaintRegister.period), raw_json(session, ComplaintRegister.content)
    days = raw(session, type_coerce(ComplaintRegister.until, String))
    query = select(ComplaintRegister.id, ComplaintRegister.branch_id, ComplaintRegister.version, days, *columns)
    kept = {f"register:{id_}": values for id_, *values in session.execute(query)}
    for subject in sorted(issued.keys() | kept.keys()):
        event = issued.get(subject)
        expected = event.content.get("sha256") if event else None
        yield Seal(subject, "register", expected, _register(*kept[subject]) if subject in kept else None)


def _measures(session: Session) -> Iterator[Seal]:
    """What was changed so that a cause does not come again; an improvement that is open has none."""
    said = {str(event.subject): event.content.get("measure_sha256") for event in events(session, "complaint.improved")}
    rows = session.execute(select(Improvement.id, raw(session, Improvement.measure)))
    kept = {f"improvement:{id_}": seal(measure) for id_, measure in rows}
    for subject in sorted(said.keys() | kept.keys()):
        yield Seal(subject, "improvement", said.get(subject), kept.get(subject))


def _register(branch_id: Any, version: Any, until: Any, period: Any, content: Any) -> str:
    try:
        return sealed(branch_id, str(as_text(period)), version, str(as_text(until)), as_json(content))
    except TypeError:  # what was written in its place has no canonical form
        return str(seal(repr(content)))
