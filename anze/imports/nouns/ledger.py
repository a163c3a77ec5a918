"""Lines of the ledger that a finance system has paid (7.3): under the same rules as by hand, and never changed."""

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.errors import DomainError
from anze.fees import ledger
from anze.fees.kinds import Purpose
from anze.fees.ledger import Entry, Line
from anze.fees.models import LedgerEntry, SupportItem
from anze.fees.rules import Parties
from anze.imports import bulk
from anze.imports.spool import Decided, Row, Spool
from anze.imports.world import Looked, World
from anze.policies.models import Policy
from anze.texts import text

_COLUMNS = {"fee_day": "booked_on", "fee_uscc": "payee_uscc", "fee_service": "service", "fee_amount": "amount_cents",
            "fee_returned": "payee", "fee_purpose": "note", "fee_no_service": "service", "fee_no_support": "support",
            "fee_service_other": "service", "fee_service_open": "service"}  # fmt: skip


class Ledger:
    """See world.Noun."""

    def __init__(self) -> None:
        self._parties: dict[tuple[str, str | None], Parties] = {}
        self._settled: set[int] = set()
        """Payables that a line of the file pays: two lines do not pay the same"""

    def look(self, world: World, rows: list[Row], spool: Spool) -> list[Looked]:
        own = set(world.session.scalars(world.importer.branches()))
        policies = _policies(world.session, rows)
        kept = _kept(world.session, [row.key for row in rows])
        return [self._one(world, row, policies, kept, own) for row in rows]

    def _one(
        self, world: World, row: Row, policies: dict[str, Policy], kept: dict[str, LedgerEntry], own: set[int]
    ) -> Looked:
        looked = Looked(Decided(row.no, "new"))
        policy = policies.get(row.values["policy"])
        if policy is None:
            looked.faults.add("policy", "policy_unknown")
            return looked
        if policy.branch_id not in own:
            looked.faults.add("policy", "policy_elsewhere")
            return looked
        if (before := kept.get(row.key)) is not None:
            looked.decided.op = "same"
            if not _same(before, row.values, policy):
                looked.faults.add("source_key", "ledger_kept")
            return looked
        try:
            line = self._line(world, row, policy)
        except DomainError as error:
            looked.faults.add(_COLUMNS.get(error.code), "ledger_refused", words=error.detail)
            return looked
        if line is None:
            looked.faults.add("support", "ledger_support")
        elif line.owed is not None:
            if line.owed.amount_cents != line.entry.amount_cents or line.owed.id in self._settled:
                looked.faults.add("amount_cents", "ledger_owed", yuan=f"{line.owed.amount_cents / 100:.2f}")
            self._settled.add(line.owed.id)
        return looked

    def _line(self, world: World, row: Row, policy: Policy) -> Line | None:
        """The line as the ledger would keep it; None where the support item is not known."""
        values = row.values
        support = _support(world.session, values.get("support"), policy)
        if values.get("support") and support is None:
            return None
        entry = Entry(
            policy=policy.number, booked_on=date.fromisoformat(values["booked_on"]), payee=values["payee"],
            amount_cents=values["amount_cents"], purpose=Purpose(values["purpose"]), note=values["note"],
            payee_uscc=values.get("payee_uscc"), service=values.get("service"), support=support,
            voucher=values.get("voucher"), source_key=row.key,
        )  # fmt: skip
        who = (entry.payee, entry.payee_uscc)
        if who not in self._parties:
            self._parties[who] = ledger.parties_of(world.session, entry)
        return ledger.checked(world.session, entry, policy, world.now, self._parties[who])

    def write(self, world: World, new: list[Row], changed: list[Row]) -> None:
        policies = _policies(world.session, new)
        for row in new:
            line = self._line(world, row, policies[row.values["policy"]])
            if line is None:
                raise DomainError("import_digest", 409)
            made = ledger.written(world.session, world.importer.actor, line, world.now)
            if line.owed is not None and line.service is not None:
                line.owed.paid_entry_id = made.id
                world.tell("fees_paid", row.key, text("imports.moved.fee_paid", service=line.service.number))
            if made.held_for is not None:
                world.tell("fees_held", row.key, text("imports.moved.fee_held"))
        world.session.flush()

    def finish(self, world: World, spool: Spool) -> None:
        """Nothing hangs on the lines as a whole."""


def _policies(session: Session, rows: list[Row]) -> dict[str, Policy]:
    found: dict[str, Policy] = {}
    for numbers in bulk.pieces(row.values["policy"] for row in rows):
        query = select(Policy).where(bulk.among(session, Policy.number, numbers))
        found |= {policy.number: policy for policy in session.scalars(query)}
    return found


def _kept(session: Session, keys: list[str]) -> dict[str, LedgerEntry]:
    found: dict[str, LedgerEntry] = {}
    for piece in bulk.pieces(keys):
        query = select(LedgerEntry).where(bulk.among(session, LedgerEntry.source_key, piece))
        found |= {str(row.source_key): row for row in session.scalars(query)}
    return found


def _same(kept: LedgerEntry, values: dict[str, Any], policy: Policy) -> bool:
    said = (policy.id, values["booked_on"], values["payee"], values["amount_cents"], values["purpose"], values["note"])
    before = (kept.policy_id, kept.booked_on.isoformat(), kept.payee, kept.amount_cents, kept.purpose, kept.note)
    return said == before


def _support(session: Session, name: str | None, policy: Policy) -> int | None:
    """The approved item with this name of the policy's branch or one above it."""
    if not name:
        return None
    above = [int(part) for part in policy.branch.path.split("/") if part]
    query = select(SupportItem.id).where(
        SupportItem.name == name, SupportItem.approved_at.is_not(None), SupportItem.branch_id.in_(above)
    )
    return session.scalar(query.order_by(SupportItem.id).limit(1))
