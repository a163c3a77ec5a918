"""People sent something to an authority and note it, and what came back. The program itself sends nothing."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from anze.audit.chain import append, canonical, digest
from anze.clock import SHANGHAI, iso, legal_date
from anze.errors import DomainError
from anze.identity.speaker import Speaker
from anze.regulators import store
from anze.regulators.kinds import Way
from anze.regulators.models import Delivery


@dataclass(frozen=True)
class Sent:
    """`number`: 文号, or that of the platform."""

    way: Way
    on: date
    number: str


@dataclass(frozen=True)
class Receipt:
    """回执; `file_id`: an upload of the same colleague."""

    on: date
    number: str
    file_id: str


def mark_sent(
    session: Session, speaker: Speaker, row: Delivery, subject: str, sent: Sent, since: datetime, authority_id: int,
    now: datetime,
) -> None:  # fmt: skip
    """Note that it was sent, once, on a day since `since` and not after today. Raises delivery_sent, delivery_day."""
    if row.sent_on is not None:
        raise DomainError("delivery_sent", 409)
    if not legal_date(since) <= sent.on <= legal_date(now):
        raise DomainError("delivery_day", 422)
    row.sent_on, row.sent_way, row.document_no = sent.on, sent.way.value, sent.number
    row.sent_at, row.sent_by = now, speaker.actor
    session.flush()
    body = {"sent_sha256": digest(canonical(sent_content(row, authority_id))), "on": sent.on.isoformat()}
    append(session, at=now, kind="regulator.sent", subject=subject, actor=speaker.actor, body=body)


def mark_receipt(
    session: Session, speaker: Speaker, row: Delivery, subject: str, receipt: Receipt, now: datetime
) -> None:
    """Note what came back, once. Raises delivery_not_sent, delivery_receipt, delivery_day, regulator_file."""
    if row.sent_on is None:
        raise DomainError("delivery_not_sent", 409)
    if row.receipt_on is not None:
        raise DomainError("delivery_receipt", 409)
    if not row.sent_on <= receipt.on <= legal_date(now):
        raise DomainError("delivery_day", 422)
    file = store.uploaded(session, speaker, receipt.file_id)
    row.receipt_on, row.receipt_no, row.receipt_id = receipt.on, receipt.number, file.id
    row.receipt_at, row.receipt_by = now, speaker.actor
    session.flush()
    body = {"receipt_sha256": digest(canonical(receipt_content(row))), "file_sha256": file.sha256}
    append(session, at=now, kind="regulator.receipt", subject=subject, actor=speaker.actor, body=body)


def sent_content(row: Delivery, authority_id: int | None) -> dict[str, Any]:
    """What the chain knows by digest of a sending."""
    return {
        "authority": authority_id, "on": iso(row.sent_on), "way": row.sent_way, "number": row.document_no,
        "by": row.sent_by,
    }  # fmt: skip


def receipt_content(row: Delivery) -> dict[str, Any]:
    """What the chain knows by digest of a receipt."""
    return {"on": iso(row.receipt_on), "number": row.receipt_no, "file": row.receipt_id, "by": row.receipt_by}


def view(row: Delivery, who: dict[str, str]) -> dict[str, Any]:
    """Both for programs and pages; `who`: names by actor."""
    return {
        "sent_on": iso(row.sent_on), "sent_way": row.sent_way, "document_no": row.document_no,
        "sent_by": who[row.sent_by] if row.sent_by else None, "sent_at": _moment(row.sent_at),
        "receipt_on": iso(row.receipt_on), "receipt_no": row.receipt_no,
        "receipt_by": who[row.receipt_by] if row.receipt_by else None, "receipt_at": _moment(row.receipt_at),
    }  # fmt: skip


def _moment(at: datetime | None) -> str | None:
    return at.astimezone(SHANGHAI).isoformat(timespec="seconds") if at else None
