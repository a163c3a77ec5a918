"""The ledger (专门台账, 7.3): entries refused, held or counted, reversals, vouchers, decisions about held ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from anze.audit.chain import append, canonical, digest
from anze.bookings.models import Service
from anze.clock import legal_date
from anze.errors import DomainError
from anze.fees import store
from anze.fees.kinds import Held, Purpose, State
from anze.fees.models import LedgerDecision, LedgerEntry, LedgerVoucher, Payable, SupportItem
from anze.fees.rules import Parties, Payment, held, plain_code, refusal
from anze.identity.branches import branches_of
from anze.identity.denied import DeniedError
from anze.identity.models import Branch, Role
from anze.identity.names import names
from anze.identity.speaker import Speaker
from anze.policies.models import Policy
from anze.providers.models import Provider

WRITES = frozenset({Role.SERVICE, Role.SUPERVISOR, Role.ADMIN})
DECIDES = frozenset({Role.SUPERVISOR})


@dataclass(frozen=True)
class Entry:
    """What somebody wants to enter. `provider`: short or whole name of a provider, else the payee is another firm;
    `service`, `policy`: numbers; `support`: id of an approved item; `source_key`: of an imported line."""

    policy: str
    booked_on: date
    payee: str
    amount_cents: int
    purpose: Purpose
    note: str
    payee_uscc: str | None = None
    account_tail: str | None = None
    service: str | None = None
    support: int | None = None
    voucher: str | None = None
    source_key: str | None = None


@cache
def not_allowed() -> tuple[str, ...]:
    """Words that name what the money is not for."""
    loaded = yaml.safe_load(Path(__file__).with_name("words.yml").read_text(encoding="utf-8"))
    return tuple(loaded["not_allowed"])


def fits(text: str, most: int) -> None:
    """Raises fee_long for what its column cannot keep."""
    if len(text) > most:
        raise DomainError("fee_long", 422, text=text[:10], most=most)


def enter(session: Session, speaker: Speaker, entry: Entry, now: datetime, *, pays: bool = False) -> LedgerEntry:
    """One line; `pays`: of what is owed. Raises forbidden, fee_owed_open (409: what is owed is paid there), and what
    `checked` raises; DeniedError out of scope."""
    if speaker.role not in WRITES:
        raise DomainError("forbidden", 403)
    line = checked(session, entry, _policy(session, speaker, entry.policy), now)
    if not pays and line.owed is not None:
        raise DomainError("fee_owed_open", 409)
    return written(session, speaker.actor, line, now)


@dataclass(frozen=True)
class Line:
    """An entry that may be written: as it is kept, with what it is about. `owed`: what is still owed for its service
    to its provider."""

    entry: Entry
    policy: Policy
    payment: Payment
    service: Service | None
    owed: Payable | None
    held_for: Held | None


def checked(session: Session, entry: Entry, policy: Policy, now: datetime, parties: Parties | None = None) -> Line:
    """Whether an entry may be written. Reads only. `parties`: of its payee, where they are known already.

    Raises fee_day, fee_long, fee_uscc, fee_service, and the codes of rules.refusal.
    """
    entry = _tidy(entry)
    if entry.booked_on > legal_date(now):
        raise DomainError("fee_day", 422)
    provider = _provider(session, entry.payee, entry.payee_uscc)
    service = store.service_of(session, entry.service) if entry.service else None
    if entry.service and service is None:
        raise DomainError("fee_service", 422, number=entry.service)
    known = parties or parties_of(session, entry)
    payment = _payment(session, entry, policy, provider, service)
    if code := refusal(payment, known, not_allowed()):
        words = "、".join(word for word in not_allowed() if word in entry.note)
        raise DomainError(code, 422, payee=entry.payee, words=words)
    owed = store.owed_open(session, service.id, provider.id if provider else None) if service is not None else None
    return Line(entry, policy, payment, service, owed, held(payment, known))


def parties_of(session: Session, entry: Entry) -> Parties:
    """Whom the payee's name and code stand for among applicants, insureds and related firms."""
    return store.parties(session, [(entry.payee, entry.payee_uscc)])


def _tidy(entry: Entry) -> Entry:
    """The code as it is compared, and nothing longer than its column, whoever brings it."""
    for text, most in ((entry.payee, 120), (entry.note, 300), (entry.voucher or "", 60)):
        fits(text, most)
    if not entry.payee_uscc:
        return replace(entry, payee_uscc=None)
    code = plain_code(entry.payee_uscc)
    if code is None:
        raise DomainError("fee_uscc", 422)
    return replace(entry, payee_uscc=code)


def written(session: Session, actor: str, line: Line, now: datetime) -> LedgerEntry:
    """Write a line that was checked, with its voucher."""
    entry, policy, payment, service = line.entry, line.policy, line.payment, line.service
    row = LedgerEntry(
        branch_id=policy.branch_id, policy_id=policy.id, booked_on=entry.booked_on, payee=entry.payee,
        payee_uscc=entry.payee_uscc, account_tail=entry.account_tail, provider_id=payment.provider_id,
        amount_cents=entry.amount_cents, purpose=entry.purpose.value, service_id=service.id if service else None,
        support_id=entry.support if entry.purpose is Purpose.SUPPORT else None, note=entry.note,
        held_for=line.held_for, reverses_id=None, source_key=entry.source_key, entered_at=now, entered_by=actor,
    )  # fmt: skip
    session.add(row)
    session.flush()
    _note(session, row, now, actor, "fee.entered")
    if entry.voucher:
        _keep_voucher(session, actor, row, entry.voucher, now)
    return row


def _payment(
    session: Session, entry: Entry, policy: Policy, provider: Provider | None, service: Service | None
) -> Payment:
    support = session.get(SupportItem, entry.support) if entry.support is not None else None
    above = [int(part) for part in policy.branch.path.split("/") if part]
    approved = support is not None and support.approved_at is not None and support.branch_id in above
    return Payment(
        entry.amount_cents, entry.purpose, entry.payee, entry.payee_uscc, provider.id if provider else None, policy.id,
        entry.note, (service.policy_id, service.provider_id, service.status) if service else None,
        approved if entry.support is not None else None,
    )  # fmt: skip


def reverse(session: Session, speaker: Speaker, id_: int, reason: str, now: datetime) -> LedgerEntry:
    """Take an entry back by one of its own. Raises forbidden, fee_long, not_found, fee_reversed (409); DeniedError."""
    if speaker.role not in WRITES:
        raise DomainError("forbidden", 403)
    fits(reason, 300)
    first = found(session, speaker, id_)
    state = state_of(session, [first])[first.id]
    if state is State.HELD:
        raise DomainError("fee_held", 409)
    if first.reverses_id is not None or state is not State.COUNTED:
        raise DomainError("fee_reversed", 409)
    row = LedgerEntry(
        branch_id=first.branch_id, policy_id=first.policy_id, booked_on=legal_date(now), payee=first.payee,
        payee_uscc=first.payee_uscc, account_tail=first.account_tail, provider_id=first.provider_id,
        amount_cents=-first.amount_cents, purpose=first.purpose, service_id=first.service_id,
        support_id=first.support_id, note=reason, held_for=None, reverses_id=first.id, source_key=None,
        entered_at=now, entered_by=speaker.actor,
    )  # fmt: skip
    session.add(row)
    try:
        session.flush()
    except IntegrityError as error:
        raise DomainError("fee_reversed", 409) from error
    _owed_again(session, first)
    _note(session, row, now, speaker.actor, "fee.reversed")
    return row


def decide(session: Session, speaker: Speaker, id_: int, approved: bool, reason: str, now: datetime) -> LedgerEntry:
    """Let a held entry pass, or not. Raises forbidden, four_eyes, fee_not_held (409), not_found; DeniedError."""
    if speaker.role not in DECIDES:
        raise DomainError("forbidden", 403)
    row = found(session, speaker, id_)
    if row.entered_by == speaker.actor:
        raise DomainError("four_eyes", 409)
    if state_of(session, [row])[row.id] is not State.HELD:
        raise DomainError("fee_not_held", 409)
    session.add(
        LedgerDecision(entry_id=id_, approved=approved, reason=reason, decided_at=now, decided_by=speaker.actor)
    )
    try:
        session.flush()
    except IntegrityError as error:
        raise DomainError("fee_not_held", 409) from error
    if not approved:
        _owed_again(session, row)
    append(
        session, at=now, kind="fee.decided", subject=f"fee:{id_}", actor=speaker.actor,
        body={"approved": approved, "reason_sha256": digest(reason)},
    )  # fmt: skip
    return row


def _owed_again(session: Session, entry: LedgerEntry) -> None:
    """What an entry paid that does not count any more."""
    session.execute(update(Payable).where(Payable.paid_entry_id == entry.id).values(paid_entry_id=None))


def add_voucher(session: Session, speaker: Speaker, id_: int, number: str, now: datetime) -> None:
    """Note the number of a voucher. Raises forbidden, fee_long, not_found; DeniedError."""
    if speaker.role not in WRITES:
        raise DomainError("forbidden", 403)
    fits(number, 60)
    _keep_voucher(session, speaker.actor, found(session, speaker, id_), number, now)


def _keep_voucher(session: Session, actor: str, row: LedgerEntry, number: str, now: datetime) -> None:
    session.add(LedgerVoucher(entry_id=row.id, number=number, added_at=now, added_by=actor))
    session.flush()
    body = {"number_sha256": digest(number)}
    append(session, at=now, kind="fee.voucher", subject=f"fee:{row.id}", actor=actor, body=body)


def found(session: Session, speaker: Speaker, id_: int) -> LedgerEntry:
    """An entry within the tree. Raises not_found; DeniedError when it is another's."""
    row = session.get(LedgerEntry, id_)
    if row is None:
        raise DomainError("not_found", 404)
    if session.scalar(select(LedgerEntry.id).where(LedgerEntry.id == id_, store.visible(speaker))) is None:
        raise DeniedError(speaker.actor, f"fee:{id_}")
    return row


def listed(
    session: Session, speaker: Speaker, *, state: State | None = None, policy: str | None = None, page: int = 1,
    size: int = 50,
) -> dict[str, Any]:  # fmt: skip
    """{"items", "total", "page", "sum_cents"}: the newest first; the sum is of what counts of all that is listed."""
    query = select(LedgerEntry).where(store.visible(speaker), store.in_state(state))
    if policy:
        query = query.join(Policy, Policy.id == LedgerEntry.policy_id).where(Policy.number == policy)
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    sums = query.where(store.counted()).with_only_columns(func.coalesce(func.sum(LedgerEntry.amount_cents), 0))
    rows = session.scalars(
        query.options(joinedload(LedgerEntry.branch), joinedload(LedgerEntry.policy))
        .order_by(LedgerEntry.booked_on.desc(), LedgerEntry.id.desc())
        .offset((page - 1) * size)
        .limit(size)
    ).all()
    return {"items": views(session, rows), "total": total, "page": page, "sum_cents": int(session.scalar(sums) or 0)}


def state_of(session: Session, rows: Sequence[LedgerEntry]) -> Mapping[int, State]:
    """How entries stand now."""
    ids = [row.id for row in rows]
    decided = dict(
        session.execute(
            select(LedgerDecision.entry_id, LedgerDecision.approved).where(LedgerDecision.entry_id.in_(ids))
        )
        .tuples()
        .all()
    )
    reversed_ = set(session.scalars(select(LedgerEntry.reverses_id).where(LedgerEntry.reverses_id.in_(ids))))
    states = {}
    for row in rows:
        if row.held_for is not None and row.id not in decided:
            states[row.id] = State.HELD
        elif decided.get(row.id) is False:
            states[row.id] = State.REFUSED
        else:
            states[row.id] = State.REVERSED if row.id in reversed_ else State.COUNTED
    return states


def views(session: Session, rows: Sequence[LedgerEntry]) -> list[dict[str, Any]]:
    """Entries for programs and pages; amounts in cents."""
    ids = [row.id for row in rows]
    vouchers: dict[int, list[str]] = {}
    for entry_id, number in session.execute(
        select(LedgerVoucher.entry_id, LedgerVoucher.number).where(LedgerVoucher.entry_id.in_(ids)).order_by(
            LedgerVoucher.id
        )
    ):  # fmt: skip
        vouchers.setdefault(entry_id, []).append(number)
    services = dict(
        session.execute(
            select(Service.id, Service.number).where(Service.id.in_([r.service_id for r in rows if r.service_id]))
        )
        .tuples()
        .all()
    )
    supports = dict(
        session.execute(
            select(SupportItem.id, SupportItem.name).where(
                SupportItem.id.in_([r.support_id for r in rows if r.support_id])
            )
        )
        .tuples()
        .all()
    )
    decisions = {
        row.entry_id: row for row in session.scalars(select(LedgerDecision).where(LedgerDecision.entry_id.in_(ids)))
    }
    who = names(session, [row.entered_by for row in rows] + [row.decided_by for row in decisions.values()])
    states = state_of(session, rows)
    return [
        {
            "id": row.id,
            "number": row.number,
            "branch": row.branch.name,
            "policy": row.policy.number,
            "booked_on": row.booked_on.isoformat(),
            "payee": row.payee,
            "payee_uscc": row.payee_uscc,
            "account_tail": row.account_tail,
            "amount_cents": row.amount_cents,
            "purpose": row.purpose,
            "service": services.get(row.service_id or 0),
            "support": supports.get(row.support_id or 0),
            "note": row.note,
            "held_for": row.held_for,
            "state": states[row.id].value,
            "reverses_id": row.reverses_id,
            "vouchers": vouchers.get(row.id, []),
            "entered_at": row.entered_at.isoformat(),
            "entered_by": who[row.entered_by],
            "reason": decisions[row.id].reason if row.id in decisions else None,
            "decided_by": who[decisions[row.id].decided_by] if row.id in decisions else None,
        }
        for row in rows
    ]


def content_of(row: LedgerEntry) -> dict[str, Any]:
    """What the chain knows of an entry by digest."""
    return {
        "branch": row.branch_id, "policy": row.policy_id, "on": row.booked_on.isoformat(), "payee": row.payee,
        "uscc": row.payee_uscc, "account": row.account_tail, "provider": row.provider_id, "cents": row.amount_cents,
        "purpose": row.purpose, "service": row.service_id, "support": row.support_id, "note": row.note,
        "held": row.held_for, "reverses": row.reverses_id,
    }  # fmt: skip


def _note(session: Session, row: LedgerEntry, now: datetime, actor: str, kind: str) -> None:
    append(
        session, at=now, kind=kind, subject=f"fee:{row.id}", actor=actor,
        body={"entry_sha256": digest(canonical(content_of(row))), "held": row.held_for},
    )  # fmt: skip


def _policy(session: Session, speaker: Speaker, number: str) -> Policy:
    policy = store.policy_of(session, number)
    if policy is None:
        raise DomainError("fee_policy", 422, number=number)
    if session.scalar(branches_of(speaker).where(Branch.id == policy.branch_id)) is None:
        raise DeniedError(speaker.actor, f"policy:{policy.id}")
    return policy


def _provider(session: Session, name: str, uscc: str | None) -> Provider | None:
    query = select(Provider).where((Provider.name == name) | (Provider.short_name == name))
    found_ = session.scalar(query.limit(1))
    if found_ is None and uscc:
        found_ = session.scalar(select(Provider).where(Provider.uscc == uscc))
    return found_


__all__ = ["Entry", "Held", "add_voucher", "decide", "enter", "listed", "reverse"]
