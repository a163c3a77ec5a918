"""Money for accident prevention (7.3): targets, budgets, the ledger with a reversal and a held line, payables."""

from datetime import date, timedelta
from random import Random
from typing import Any

from anze.audit.chain import canonical, digest
from anze.bookings.models import Service, ServiceStatus
from anze.demo.world import Row, World, data, dice, instant, weekday_after
from anze.fees.kinds import Held, Purpose
from anze.fees.ledger import content_of
from anze.fees.models import FeeBudget, LedgerEntry, LedgerVoucher, Payable, ProvinceTarget, RelatedParty, SupportItem
from anze.fees.rules import plain_name
from anze.identity.models import Branch, BranchLevel, Role, Staff
from anze.policies.models import Policy
from anze.providers.models import Provider

_PAID, _VOUCHER, _BUDGET = 0.9, 0.94, 0.6
_SHARE = (6, 16)
"""Per cent of a policy's premium that one service costs"""
_TERM = timedelta(days=30)


def add_fees(world: World, staff: dict[tuple[int, str], Row]) -> None:
    """Of completed services of providers most are paid, the newer ones are owed."""
    rng, given = dice("fees"), data("fees")
    branches = {row["id"]: row for row in world.rows[Branch]}
    head = next(row for row in branches.values() if row["level"] == BranchLevel.HEAD)
    who = f"staff:{staff[head['id'], Role.SERVICE]['id']}"
    _targets(world, given, who)
    _budgets(world, rng, given, who)
    _supports(world, given, head, who)
    _ledger(world, rng, given, who)
    _related(world, given, who)


def _targets(world: World, given: Any, who: str) -> None:
    for year in (world.today.year - 1, world.today.year):
        at = instant(date(year - 1, 12, 20), 9)
        for province, target in given["targets"].items():
            document = target["document"].format(year=year)
            row = world.add(
                ProvinceTarget, province=province, year=year, version=1, ratio_bp=target["ratio_bp"],
                document=document, set_at=at, set_by=who,
            )  # fmt: skip
            body = {"province": province, "year": year, "ratio_bp": target["ratio_bp"], "document": document}
            world.happened(at, "fee.target", f"target:{row['id']}", who, body | {"version": 1})


def _budgets(world: World, rng: Random, given: Any, who: str) -> None:
    year = world.today.year
    made = date(year - 1, 12, 25)
    for branch in world.rows[Branch]:
        lucky = rng.random() < _BUDGET
        if branch["level"] not in {BranchLevel.PROVINCE, BranchLevel.CITY} or not lucky:
            continue
        cents = rng.randint(80, 300) * 100_000
        row = world.add(
            FeeBudget, branch_id=branch["id"], year=year, province=branch["province"], version=1, amount_cents=cents,
            document=given["budget"].format(year=year), made_on=made, set_at=instant(made, 10), set_by=who,
        )  # fmt: skip
        body = {"branch": branch["id"], "year": year, "province": branch["province"], "cents": cents}
        world.happened(
            instant(made, 10), "fee.budget", f"budget:{row['id']}", who, body | {"document": row["document"]}
        )


def _supports(world: World, given: Any, head: Row, who: str) -> None:
    chief = next(f"staff:{row['id']}" for row in world.rows[Staff] if row["role"] == Role.SUPERVISOR)
    for days, one in zip((200, 5), given["support"], strict=True):
        at = instant(world.day(-days), 14)
        row = world.add(
            SupportItem, branch_id=head["id"], name=one["name"], reason=one["reason"], asked_at=at, asked_by=who,
            approved_at=at + timedelta(days=1) if one["approved"] else None,
            approved_by=chief if one["approved"] else None,
        )  # fmt: skip
        subject = f"support:{row['id']}"
        world.happened(at, "fee.support_asked", subject, who, {"name": one["name"], "branch": head["id"]})
        if one["approved"]:
            world.happened(at + timedelta(days=1), "fee.support_approved", subject, chief, {})


def _ledger(world: World, rng: Random, given: Any, who: str) -> None:
    policies = {row["id"]: row for row in world.rows[Policy]}
    providers = {row["id"]: row for row in world.rows[Provider]}
    wrong = True
    for service in world.rows[Service]:
        share, paid, voucher = rng.randint(*_SHARE), rng.random() < _PAID, rng.random() < _VOUCHER
        done = service["completed_on"]
        if service["status"] != ServiceStatus.COMPLETED or done is None or service["provider_id"] is None:
            continue
        policy, provider = policies[service["policy_id"]], providers[service["provider_id"]]
        cents = policy["premium_cents"] * share // 100_000 * 1000 or 1000
        due = done + _TERM
        booked = weekday_after(done + timedelta(days=20))
        if booked > world.today or not paid:
            _owed(world, given, policy, service, cents, due, late=due < world.today and share % 2 == 0, who=who)
            continue
        number = f"FP{booked:%Y%m%d}{service['id']:04d}" if voucher else None
        ends = policy["ended_early_on"] or policy["end_on"]
        if wrong and ends.year == world.today.year:
            first = _entry(world, policy, provider, service, cents * 10, booked, given["notes"][service["item"]], who)
            _entry(world, policy, provider, service, -cents * 10, booked, given["reversed"], who, reverses=first["id"])
            wrong = False
        row = _entry(world, policy, provider, service, cents, booked, given["notes"][service["item"]], who)
        if number:
            _voucher(world, row, number, who)


def _entry(
    world: World, policy: Row, provider: Row | None, service: Row, cents: int, booked: Any, note: str, who: str,
    *, reverses: int | None = None, payee: str | None = None, held: str | None = None,
) -> Row:  # fmt: skip
    at = min(instant(booked, 15), world.now)
    row = world.add(
        LedgerEntry, branch_id=policy["branch_id"], policy_id=policy["id"], booked_on=booked,
        payee=payee or (provider or {})["name"], payee_uscc=provider["uscc"] if provider else None,
        account_tail=None, provider_id=provider["id"] if provider else None, amount_cents=cents,
        purpose=Purpose.SERVICE, service_id=service["id"], support_id=None, note=note, held_for=held,
        reverses_id=reverses, source_key=None, entered_at=at, entered_by=who,
    )  # fmt: skip
    content = digest(canonical(content_of(LedgerEntry(**row))))
    kind = "fee.reversed" if reverses else "fee.entered"
    world.happened(at, kind, f"fee:{row['id']}", who, {"entry_sha256": content, "held": held})
    return row


def _voucher(world: World, row: Row, number: str, who: str) -> None:
    world.add(LedgerVoucher, entry_id=row["id"], number=number, added_at=row["entered_at"], added_by=who)
    world.happened(row["entered_at"], "fee.voucher", f"fee:{row['id']}", who, {"number_sha256": digest(number)})


def _owed(
    world: World, given: Any, policy: Row, service: Row, cents: int, due: Any, *, late: bool, who: str
) -> None:  # fmt: skip
    at = min(instant(service["completed_on"], 17), world.now)
    row = world.add(
        Payable, branch_id=policy["branch_id"], provider_id=service["provider_id"], service_id=service["id"],
        amount_cents=cents, due_on=due, terms=given["terms"], late_reason=given["late"] if late else None,
        paid_entry_id=None, created_at=at, created_by=who,
    )  # fmt: skip
    body = {"service": service["id"], "cents": cents, "due_on": due.isoformat()}
    world.happened(at, "fee.owed", f"payable:{row['id']}", who, body)
    if late:
        told = min(at + timedelta(days=31), world.now)
        world.happened(told, "fee.late", f"payable:{row['id']}", who, {"reason_sha256": digest(given["late"])})


def _related(world: World, given: Any, who: str) -> None:
    """A firm related to an insured, and a line for it that waits for a supervisor."""
    name, at = given["related"]["name"], instant(world.day(-90), 11)
    row = world.add(
        RelatedParty, name=name, plain_name=plain_name(name), uscc=None, relation=given["related"]["relation"],
        added_at=at, added_by=who,
    )  # fmt: skip
    world.happened(at, "fee.related", f"related:{row['id']}", who, {"name": name})
    policies = {one["id"]: one for one in world.rows[Policy]}
    service = next(
        one for one in reversed(world.rows[Service])
        if one["status"] == ServiceStatus.COMPLETED and one["completed_on"] and one["completed_on"] < world.day(-5)
    )  # fmt: skip
    _entry(
        world, policies[service["policy_id"]], None, service, 380_000, world.day(-3), given["related_note"], who,
        payee=name, held=Held.RELATED.value,
    )  # fmt: skip
