"""Hand-overs of data to the regulator (9.1): made, sent by people, receipted. Made twice for one instant it is one."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from anze.audit.chain import append, canonical, digest
from anze.clock import SHANGHAI, legal_date
from anze.complaints.register_rules import period_of
from anze.conversations.files import Stored
from anze.conversations.models import File
from anze.conversations.uploads import add_file
from anze.csv_file import MIME as CSV
from anze.csv_file import csv_file
from anze.errors import DomainError
from anze.identity.branches import branches_of
from anze.identity.models import BranchLevel
from anze.identity.names import names
from anze.identity.speaker import Speaker
from anze.policies.models import Insured
from anze.regulators import authorities, delivery, store
from anze.regulators.delivery import Receipt, Sent
from anze.regulators.gathering import Scope, document
from anze.regulators.models import DataSubmission, SubmissionFile
from anze.regulators.rules import KEEPS
from anze.regulators.schema import FORM, TABLES, columns, faults, schema

JSON = "application/json"
MAKERS = (BranchLevel.HEAD, BranchLevel.PROVINCE)


@dataclass(frozen=True)
class Made:
    """One file: its name, how many rows it has, its bytes."""

    name: str
    mime: str
    rows: int
    content: bytes


@dataclass(frozen=True)
class Prepared:
    """A hand-over before it is kept. `known`: the id of the one that is there already."""

    scope: Scope
    counts: dict[str, int]
    files: tuple[Made, ...]
    known: int | None


def prepare(
    session: Session, speaker: Speaker, branch_id: int | None, province: str, period: str, data_at: datetime | None,
    now: datetime, knowledge: Path,
) -> Prepared:  # fmt: skip
    """Gather the data of a province and a period that is over, and make the files. `data_at` None: now.

    A province's branch hands over its own province, head office any. Raises DomainError forbidden, handover_branch,
    handover_province, handover_nobody, handover_period, handover_data_at, not_found; DeniedError
    for a branch out of the tree.
    ValueError when the document breaks its schema: that is a fault of the program, and nothing is kept.
    """
    if speaker.role not in KEEPS:
        raise DomainError("forbidden", 403)
    branch = store.branch_for(session, speaker, branch_id)
    if branch.level not in MAKERS:
        raise DomainError("handover_branch", 422)
    if branch.province not in {None, province}:
        raise DomainError("handover_province", 422, province=branch.province)
    if (
        branch.province is None
        and session.scalar(select(Insured.id).where(Insured.province == province).limit(1)) is None
    ):
        raise DomainError("handover_nobody", 422, province=province)
    asked = period_of(period)
    if asked is None:
        raise DomainError("handover_period", 422)
    at = data_at or now
    if not asked.last < legal_date(at) or at > now:
        raise DomainError("handover_data_at", 422)
    scope = Scope(branch, province, period, asked.first, asked.last, at)
    known = _known(session, scope)
    if known is not None:
        return Prepared(scope, {}, (), known)
    found = document(session, scope)
    of = schema(knowledge)
    if broken := list(faults(of, found)):
        raise ValueError(f"the hand-over breaks its schema: {broken[:5]}")
    return Prepared(scope, found["counts"], files_of(found, of), None)


def files_of(found: dict[str, Any], of: dict[str, Any]) -> tuple[Made, ...]:
    """The document as JSON, and each table as CSV; byte for byte the same for the same document."""
    whole = json.dumps(found, ensure_ascii=False, sort_keys=True, indent=1).encode()
    made = [Made("handover.json", JSON, sum(found["counts"].values()), whole)]
    for table in TABLES:
        heads = columns(of, table)
        lines = [[_cell(row[name]) for name in heads] for row in found[table]]
        made.append(Made(f"{table}.csv", CSV, len(lines), csv_file([heads, *lines])))
    return tuple(made)


def keep(
    session: Session, speaker: Speaker, prepared: Prepared, stored: Mapping[str, Stored], now: datetime
) -> tuple[int, bool]:
    """The id, and whether it is new. `stored`: each file by name. Of two at once the second gives the first's."""
    scope = prepared.scope
    store.branch_for(session, speaker, scope.branch.id, lock=True)
    if (known := _known(session, scope)) is not None:
        return known, False
    row = DataSubmission(
        branch_id=scope.branch.id, province=scope.province, period=scope.period, first_on=scope.first,
        last_on=scope.last, data_at=scope.data_at, form=FORM, counts=dict(prepared.counts), made_at=now,
        made_by=speaker.actor, authority_id=None,
    )  # fmt: skip
    session.add(row)
    session.flush()
    for made in prepared.files:
        name = f"{scope.province}-{scope.period}-{made.name}"
        file = add_file(session, speaker.conversation_id, stored[made.name], name, now)
        session.add(SubmissionFile(submission_id=row.id, name=made.name, rows=made.rows, file_id=file.id))
    session.flush()
    body = {
        "province": scope.province, "period": scope.period, "branch": scope.branch.id, "counts": dict(prepared.counts),
        "files": {made.name: stored[made.name].sha256 for made in prepared.files},
        "handover_sha256": digest(canonical(content_of(row, {m.name: stored[m.name].sha256 for m in prepared.files}))),
    }  # fmt: skip
    append(session, at=now, kind="handover.made", subject=_subject(row), actor=speaker.actor, body=body)
    return row.id, True


def content_of(row: DataSubmission, files: Mapping[str, str]) -> dict[str, Any]:
    """What the chain knows of a hand-over by digest."""
    return {
        "branch": row.branch_id, "province": row.province, "period": row.period, "by": row.made_by, "form": row.form,
        "files": dict(sorted(files.items())),
    }  # fmt: skip


def sent(session: Session, speaker: Speaker, id_: int, authority_id: int, how: Sent, now: datetime) -> dict[str, Any]:
    """Somebody has sent it to an authority of the province.

    Raises forbidden, not_found, authority_ended, authority_place, and those of mark_sent; DeniedError.
    """
    row = _noting(session, speaker, id_)
    authority = authorities.usable(session, speaker, authority_id, legal_date(now))
    if authority.province != row.province:
        raise DomainError("authority_place", 422, place=row.province)
    delivery.mark_sent(session, speaker, row, _subject(row), how, row.made_at, authority.id, now)
    row.authority = authority
    session.flush()
    return one(session, speaker, id_)


def received(session: Session, speaker: Speaker, id_: int, receipt: Receipt, now: datetime) -> dict[str, Any]:
    """The authority's receipt. Raises forbidden, not_found, and those of mark_receipt; DeniedError."""
    row = _noting(session, speaker, id_)
    delivery.mark_receipt(session, speaker, row, _subject(row), receipt, now)
    return one(session, speaker, id_)


def listed(session: Session, speaker: Speaker, *, page: int = 1, size: int = 50) -> dict[str, Any]:
    """One page of the hand-overs of the tree, the newest first."""
    query = select(DataSubmission).where(DataSubmission.branch_id.in_(branches_of(speaker)))
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    loaded = query.options(
        joinedload(DataSubmission.branch), joinedload(DataSubmission.authority),
        selectinload(DataSubmission.files).joinedload(SubmissionFile.file),
    )  # fmt: skip
    rows = session.scalars(loaded.order_by(DataSubmission.id.desc()).offset((page - 1) * size).limit(size)).all()
    return {"items": [_view(session, row) for row in rows], "total": total, "page": page}


def one(session: Session, speaker: Speaker, id_: int) -> dict[str, Any]:
    """A hand-over with its counts, files and digests. Raises not_found; DeniedError."""
    return _view(session, store.found(session, speaker, DataSubmission, id_))


def file_of(session: Session, speaker: Speaker, id_: int, name: str) -> File:
    """`name`: of a file of it, or receipt. Raises not_found; DeniedError."""
    row = store.found(session, speaker, DataSubmission, id_)
    file = row.receipt if name == "receipt" else next((one.file for one in row.files if one.name == name), None)
    if file is None:
        raise DomainError("not_found", 404)
    return file


def again(session: Session, speaker: Speaker, id_: int, knowledge: Path) -> dict[str, Any]:
    """Make the files anew for the same instant: {"same", "files": {name: {"kept", "now"}}}, digests.

    Differing means that something was corrected since; the kept files are what was handed over.
    """
    row = store.found(session, speaker, DataSubmission, id_)
    scope = Scope(row.branch, row.province, row.period, row.first_on, row.last_on, row.data_at)
    made = {one.name: digest(one.content) for one in files_of(document(session, scope), schema(knowledge))}
    files = {one.name: {"kept": one.file.sha256, "now": made[one.name]} for one in row.files}
    return {"same": all(pair["kept"] == pair["now"] for pair in files.values()), "files": files}


def _noting(session: Session, speaker: Speaker, id_: int) -> DataSubmission:
    if speaker.role not in KEEPS:
        raise DomainError("forbidden", 403)
    return store.found(session, speaker, DataSubmission, id_, lock=True)


def _known(session: Session, scope: Scope) -> int | None:
    return session.scalar(
        select(DataSubmission.id).where(
            DataSubmission.branch_id == scope.branch.id, DataSubmission.province == scope.province,
            DataSubmission.period == scope.period, DataSubmission.data_at == scope.data_at,
        )
    )  # fmt: skip


def _cell(value: Any) -> str:
    return "" if value is None else str(value)


def _subject(row: DataSubmission) -> str:
    return f"handover:{row.id}"


def _view(session: Session, row: DataSubmission) -> dict[str, Any]:
    who = names(session, [row.made_by, row.sent_by, row.receipt_by])
    return {
        "id": row.id, "branch": row.branch.name, "province": row.province, "period": row.period,
        "first_on": row.first_on.isoformat(), "last_on": row.last_on.isoformat(), "form": row.form,
        "data_at": row.data_at.astimezone(SHANGHAI).isoformat(timespec="microseconds"), "counts": row.counts,
        "made_by": who[row.made_by], "made_at": row.made_at.astimezone(SHANGHAI).isoformat(timespec="seconds"),
        "authority": row.authority.name if row.authority else None,
        "files": [
            {"name": one.name, "rows": one.rows, "sha256": one.file.sha256, "size": one.file.size}
            for one in row.files
        ],
    } | delivery.view(row, who)  # fmt: skip
