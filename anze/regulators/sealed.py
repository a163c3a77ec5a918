"""What the chain has by digest of reports, hand-overs, mechanisms and evaluations, beside the rows as they stand."""

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import String, cast, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import InstrumentedAttribute

from anze.audit.chain import canonical, digest
from anze.audit.raw import as_json, as_text, events, raw, raw_json
from anze.audit.sealed import Seal
from anze.conversations.models import File
from anze.regulators.models import (
    Authority,
    DataSubmission,
    EvaluationFile,
    EvaluationRequest,
    Mechanism,
    MechanismRecord,
    RegulatorReport,
    SubmissionFile,
)

type Columns = dict[str, InstrumentedAttribute[Any]]
type Found = dict[str, Any]

_AUTHORITY: Columns = {
    "branch": Authority.branch_id, "kind": Authority.kind, "level": Authority.level, "province": Authority.province,
    "city": Authority.city, "county": Authority.county, "name": Authority.name, "contact": Authority.contact,
}  # fmt: skip
_DRAFT: Columns = {
    "candidate": RegulatorReport.candidate_id, "version": RegulatorReport.version,
    "authority": RegulatorReport.authority_id, "statement": RegulatorReport.statement, "pdf": RegulatorReport.pdf_id,
    "word": RegulatorReport.word_id, "by": RegulatorReport.drafted_by,
}  # fmt: skip
_JUDGED: Columns = {"by": RegulatorReport.judged_by, "reason": RegulatorReport.judged_reason}
_HANDOVER: Columns = {
    "branch": DataSubmission.branch_id, "province": DataSubmission.province, "period": DataSubmission.period,
    "by": DataSubmission.made_by, "form": DataSubmission.form,
}  # fmt: skip
_MECHANISM: Columns = {
    "branch": Mechanism.branch_id, "province": Mechanism.province, "city": Mechanism.city, "name": Mechanism.name,
    "agreement": Mechanism.agreement, "on": Mechanism.set_up_on, "members": Mechanism.members,
}  # fmt: skip
_RECORD: Columns = {
    "mechanism": MechanismRecord.mechanism_id, "kind": MechanismRecord.kind, "on": MechanismRecord.on,
    "title": MechanismRecord.title, "words": MechanismRecord.words, "file": MechanismRecord.file_id,
}  # fmt: skip
_REQUEST: Columns = {
    "branch": EvaluationRequest.branch_id, "authority": EvaluationRequest.authority_id,
    "number": EvaluationRequest.number, "received": EvaluationRequest.received_on, "due": EvaluationRequest.due_on,
    "asked": EvaluationRequest.asked,
}  # fmt: skip
_ANSWER: Columns = {
    "on": EvaluationRequest.answered_on, "answer": EvaluationRequest.answer, "by": EvaluationRequest.answered_by,
}  # fmt: skip
_NUMBERS = frozenset({"branch", "candidate", "version", "authority", "mechanism"})


def seals(session: Session) -> Iterator[Seal]:
    """Everything of them that somebody could want to have been otherwise."""
    yield from _sealed(session, "authority", "authority.added", "authority_sha256", Authority, _AUTHORITY)
    yield from _reports(session)
    yield from _handovers(session)
    yield from _sealed(session, "mechanism", "mechanism.added", "mechanism_sha256", Mechanism, _MECHANISM)
    yield from _records(session)
    yield from _evaluations(session)


def _sealed(
    session: Session, what: str, kind: str, key: str, model: Any, columns: Columns, subject: str | None = None,
    *, there: Callable[[Found], bool] = lambda _: True, more: Callable[[int, Found], Found] = lambda _, found: found,
) -> Iterator[Seal]:  # fmt: skip
    """The rows of a model beside the events of a kind: `there` says of a row that it has that part at all."""
    name = subject or what
    expected = {str(event.subject): event.content.get(key) for event in events(session, kind)}
    expected = {one: sha for one, sha in expected.items() if one.startswith(f"{name}:")}
    actual = {
        f"{name}:{id_}": digest(canonical(more(id_, found)))
        for id_, found in _rows(session, model, columns) if there(found)
    }  # fmt: skip
    for one in sorted(expected.keys() | actual.keys()):
        yield Seal(one, what, expected.get(one), actual.get(one))


def _rows(session: Session, model: Any, columns: Columns) -> Iterator[tuple[int, Found]]:
    lists = {"members"}
    read = [
        raw_json(session, column) if name in lists else raw(session, cast(column, String))
        for name, column in columns.items()
    ]
    for id_, *values in session.execute(select(model.id, *read).order_by(model.id)):
        found = {}
        for name, value in zip(columns, values, strict=True):
            found[name] = as_json(value) if name in lists else _number(name, as_text(value))
        yield id_, found


def _number(name: str, value: str | None) -> int | str | None:
    return int(value) if name in _NUMBERS and value is not None and value.isdecimal() else value


def _reports(session: Session) -> Iterator[Seal]:
    subject = "regulator_report"
    yield from _sealed(
        session, "regulator_draft", "regulator.drafted", "draft_sha256", RegulatorReport, _DRAFT, subject
    )
    yield from _judged(session, "regulator.approved", subject, approved=True)
    yield from _judged(session, "regulator.returned", subject, approved=False)
    yield from _delivered(session, RegulatorReport, subject)


def _judged(session: Session, kind: str, subject: str, *, approved: bool) -> Iterator[Seal]:
    def there(found: Found) -> bool:
        return found["by"] is not None and (found["reason"] is None) is approved

    def more(_: int, found: Found) -> Found:
        return found | {"approved": approved}

    yield from _sealed(
        session, kind.replace(".", "_"), kind, "judged_sha256", RegulatorReport, _JUDGED, subject, there=there,
        more=more,
    )  # fmt: skip


def _handovers(session: Session) -> Iterator[Seal]:
    files: dict[int, dict[str, str | None]] = {}
    columns = raw(session, SubmissionFile.name), raw(session, File.sha256)
    query = select(SubmissionFile.submission_id, *columns).join(File, File.id == SubmissionFile.file_id)
    for id_, name, sha256 in session.execute(query):
        files.setdefault(id_, {})[str(as_text(name))] = as_text(sha256)

    def whole(id_: int, found: Found) -> Found:
        return found | {"files": dict(sorted(files.get(id_, {}).items()))}

    yield from _sealed(session, "handover", "handover.made", "handover_sha256", DataSubmission, _HANDOVER, more=whole)
    yield from _delivered(session, DataSubmission, "handover")


def _delivered(session: Session, model: Any, subject: str) -> Iterator[Seal]:
    """That it was sent, and the receipt."""
    sent: Columns = {"authority": model.authority_id, "on": model.sent_on, "way": model.sent_way,
                     "number": model.document_no, "by": model.sent_by}  # fmt: skip
    receipt: Columns = {"on": model.receipt_on, "number": model.receipt_no, "file": model.receipt_id,
                        "by": model.receipt_by}  # fmt: skip
    for what, columns in (("sent", sent), ("receipt", receipt)):
        yield from _sealed(
            session, f"regulator_{what}", f"regulator.{what}", f"{what}_sha256", model, columns, subject,
            there=lambda found: found["by"] is not None,
        )  # fmt: skip


def _records(session: Session) -> Iterator[Seal]:
    expected = {
        str(event.content.get("record")): event.content.get("record_sha256")
        for event in events(session, "mechanism.noted")
    }
    actual = {str(id_): digest(canonical(found)) for id_, found in _rows(session, MechanismRecord, _RECORD)}
    for one in sorted(expected.keys() | actual.keys()):
        yield Seal(f"mechanism_record:{one}", "mechanism_record", expected.get(one), actual.get(one))


def _evaluations(session: Session) -> Iterator[Seal]:
    yield from _sealed(session, "evaluation", "evaluation.received", "request_sha256", EvaluationRequest, _REQUEST)
    files: dict[int, list[str]] = {}
    for id_, file_id in session.execute(select(EvaluationFile.request_id, raw(session, EvaluationFile.file_id))):
        files.setdefault(id_, []).append(str(as_text(file_id)))
    yield from _sealed(
        session, "evaluation_answer", "evaluation.answered", "answer_sha256", EvaluationRequest, _ANSWER, "evaluation",
        there=lambda found: found["by"] is not None,
        more=lambda id_, found: found | {"files": sorted(files.get(id_, []))},
    )  # fmt: skip
