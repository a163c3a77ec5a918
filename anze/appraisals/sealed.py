"""What the chain has of appraisals and closed improvements by digest (8.1, 8.2), beside the rows as they stand."""

from collections.abc import Iterator

from sqlalchemy import String, cast, select
from sqlalchemy.orm import Session

from anze.appraisals.models import Appraisal, ImprovementItem
from anze.audit.chain import canonical, digest
from anze.audit.raw import as_json, as_text, events, raw, raw_json
from anze.audit.sealed import Seal, seal

_NUMBERS = {"provider": Appraisal.provider_id, "branch": Appraisal.branch_id, "year": Appraisal.year,
            "version": Appraisal.version, "total": Appraisal.total}  # fmt: skip


def seals(session: Session) -> Iterator[Seal]:
    """Every appraisal, and what was said when an improvement was closed."""
    yield from _appraisals(session)
    said = {str(event.subject): event.content.get("result_sha256") for event in events(session, "improvement.closed")}
    closed = ImprovementItem.closed_at.is_not(None)
    kept = {
        f"item:{id_}": seal(result)
        for id_, result in session.execute(
            select(ImprovementItem.id, raw(session, ImprovementItem.result)).where(closed)
        )
    }
    for subject in sorted(said.keys() | kept.keys()):
        yield Seal(subject, "improvement_result", said.get(subject), kept.get(subject))


def _appraisals(session: Session) -> Iterator[Seal]:
    written = events(session, "provider.appraised")
    expected = {str(event.subject): event.content.get("appraisal_sha256") for event in written}
    columns = [raw(session, cast(column, String)) for column in _NUMBERS.values()]
    rows = session.execute(
        select(
            Appraisal.id, Appraisal.passed, raw_json(session, Appraisal.scores), raw(session, Appraisal.words),
            raw(session, cast(Appraisal.appraised_on, String)), *columns,
        )
    )  # fmt: skip
    actual = {}
    for id_, passed, scores, words, on, *numbers in rows:
        content = {name: _whole(as_text(value)) for name, value in zip(_NUMBERS, numbers, strict=True)}
        content |= {"scores": as_json(scores), "passed": bool(passed), "words": as_text(words), "on": as_text(on)}
        actual[f"appraisal:{id_}"] = _digest(content)
    for subject in sorted(expected.keys() | actual.keys()):
        yield Seal(subject, "appraisal", expected.get(subject), actual.get(subject))


def _digest(content: dict[str, object]) -> str | None:
    try:
        return digest(canonical(content))
    except TypeError:  # nonsense in a row has no canonical form, and holds no seal
        return "-"


def _whole(value: str | None) -> object:
    return int(value) if value is not None and value.removeprefix("-").isdecimal() else value
