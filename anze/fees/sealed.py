"""What the chain has of the ledger by digest (7.3), beside the rows as they stand."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import String, cast, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import InstrumentedAttribute

from anze.audit.chain import canonical, digest
from anze.audit.raw import as_text, events, raw
from anze.audit.sealed import Seal, pair, seal
from anze.fees.models import LedgerDecision, LedgerEntry, LedgerVoucher

_TEXTS: dict[str, InstrumentedAttribute[Any]] = {
    "on": LedgerEntry.booked_on, "payee": LedgerEntry.payee, "uscc": LedgerEntry.payee_uscc,
    "account": LedgerEntry.account_tail, "purpose": LedgerEntry.purpose, "note": LedgerEntry.note,
    "held": LedgerEntry.held_for,
}  # fmt: skip
_NUMBERS: dict[str, InstrumentedAttribute[Any]] = {
    "branch": LedgerEntry.branch_id, "policy": LedgerEntry.policy_id, "provider": LedgerEntry.provider_id,
    "cents": LedgerEntry.amount_cents, "service": LedgerEntry.service_id, "support": LedgerEntry.support_id,
    "reverses": LedgerEntry.reverses_id,
}  # fmt: skip


def seals(session: Session) -> Iterator[Seal]:
    """Every line, the numbers of its vouchers, and what was decided about it."""
    yield from _entries(session)
    yield from _vouchers(session)
    yield from _decisions(session)


def _entries(session: Session) -> Iterator[Seal]:
    written = events(session, "fee.entered", "fee.reversed")
    expected = {str(event.subject): event.content.get("entry_sha256") for event in written}
    columns = [
        LedgerEntry.id, *(raw(session, cast(column, String)) for column in _TEXTS.values()),
        *(raw(session, cast(column, String)) for column in _NUMBERS.values()),
    ]  # fmt: skip
    actual = {}
    for id_, *values in session.execute(select(*columns)):
        texts = dict(zip(_TEXTS, map(as_text, values[: len(_TEXTS)]), strict=True))
        numbers = dict(zip(_NUMBERS, map(as_text, values[len(_TEXTS) :]), strict=True))
        actual[f"fee:{id_}"] = _digest(texts | {name: _whole(value) for name, value in numbers.items()})
    for subject in sorted(expected.keys() | actual.keys()):
        yield Seal(subject, "ledger_entry", expected.get(subject), actual.get(subject))


def _digest(content: dict[str, Any]) -> str:
    return digest(canonical(content))


def _whole(value: str | None) -> Any:
    """A number as it was written; what is none stays what it is and holds no seal."""
    return int(value) if value is not None and value.removeprefix("-").isdecimal() else value


def _vouchers(session: Session) -> Iterator[Seal]:
    expected: dict[str, list[str]] = {}
    for event in events(session, "fee.voucher"):
        expected.setdefault(str(event.subject), []).append(str(event.content.get("number_sha256")))
    actual: dict[str, list[str | None]] = {}
    for id_, number in session.execute(select(LedgerVoucher.entry_id, raw(session, LedgerVoucher.number))):
        actual.setdefault(f"fee:{id_}", []).append(seal(number))
    for subject in sorted(expected.keys() | actual.keys()):
        yield from pair(subject, "ledger_voucher", expected.get(subject, []), actual.get(subject, []))


def _decisions(session: Session) -> Iterator[Seal]:
    columns = LedgerDecision.entry_id, LedgerDecision.approved, raw(session, LedgerDecision.reason)
    rows = {
        f"fee:{id_}": f"{bool(approved)}:{seal(reason)}" for id_, approved, reason in session.execute(select(*columns))
    }
    said = {
        str(event.subject): f"{event.content.get('approved')}:{event.content.get('reason_sha256')}"
        for event in events(session, "fee.decided")
    }
    for subject in sorted(rows.keys() | said.keys()):
        yield Seal(subject, "ledger_decision", said.get(subject), rows.get(subject))
