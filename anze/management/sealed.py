"""What the chain has of management documents and spot checks by digest (7.2), beside the rows as they stand."""

from collections.abc import Iterator

from sqlalchemy import String, cast, select
from sqlalchemy.orm import Session

from anze.audit.chain import canonical, digest
from anze.audit.raw import as_text, events, raw
from anze.audit.sealed import Seal, seal
from anze.management.models import QualityCheck, RuleDocument

_TEXTS = {"kind": RuleDocument.kind, "title": RuleDocument.title, "number": RuleDocument.number,
          "changes": RuleDocument.changes, "from": RuleDocument.in_force_from}  # fmt: skip
_NUMBERS = {"branch": RuleDocument.branch_id, "version": RuleDocument.version}


def seals(session: Session) -> Iterator[Seal]:
    """Every version of a document, and what a check found."""
    written = events(session, "document.issued")
    expected = {str(event.subject): event.content.get("document_sha256") for event in written}
    columns = [raw(session, cast(column, String)) for column in (*_TEXTS.values(), *_NUMBERS.values())]
    actual = {}
    for id_, *values in session.execute(select(RuleDocument.id, *columns)):
        found = dict(zip((*_TEXTS, *_NUMBERS), map(as_text, values), strict=True))
        numbers = {name: _whole(found[name]) for name in _NUMBERS}
        actual[f"document:{id_}"] = digest(canonical({**found, **numbers}))
    for subject in sorted(expected.keys() | actual.keys()):
        yield Seal(subject, "rule_document", expected.get(subject), actual.get(subject))
    checked = {str(event.subject): event.content for event in events(session, "quality.checked")}
    columns = [raw(session, column) for column in (QualityCheck.findings, QualityCheck.outcome)]
    rows = session.execute(select(QualityCheck.id, *columns))
    kept = {f"quality:{id_}": (seal(findings), as_text(outcome)) for id_, findings, outcome in rows}
    for subject in sorted(checked.keys() | kept.keys()):
        said, (findings, outcome) = checked.get(subject, {}), kept.get(subject, (None, None))
        yield Seal(subject, "quality_findings", said.get("findings_sha256"), findings)
        yield Seal(subject, "quality_outcome", said.get("outcome"), outcome)


def _whole(value: str | None) -> int | str | None:
    return int(value) if value is not None and value.isdecimal() else value
