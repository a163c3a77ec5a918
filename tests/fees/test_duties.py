"""The duties about money, each status built on purpose (7.3)."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from anze.bookings.models import Service
from anze.calendar.data import CalendarStore
from anze.clock import SHANGHAI
from anze.db import Database
from anze.fees.models import FeeBudget, LedgerDecision, LedgerEntry, LedgerVoucher, Payable, ProvinceTarget
from anze.obligations.query import Query
from anze.obligations.store import Run
from anze.obligations.undone import PROGRAM
from anze.settings import Settings
from anze.standard.editions import load
from tests.obligations.world import TODAY, World

CALENDAR = CalendarStore(Settings().knowledge, Settings().data).calendar()
LAST = date(TODAY.year, 12, 31)


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=SHANGHAI)


class Books:
    """A world with one firm, its policy that ends this year, a service of a provider, and what is written about it."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.world = World(session)
        self.firm = self.world.insured("甲", "large", "mine")
        self.policy = self.world.policy([self.firm], date(2026, 1, 1), LAST, branch="南京")
        self.policy.premium_cents = 1_000_000
        self.provider = self.world.provider("机构", "企业法人")

    def service(self) -> Service:
        return self.world.service(
            self.policy, self.firm, "d", TODAY - timedelta(days=40), status="completed", provider_id=self.provider.id
        )

    def entry(self, cents: int, on: date = TODAY, **more: Any) -> LedgerEntry:
        row = LedgerEntry(
            branch_id=self.policy.branch_id, policy_id=self.policy.id, booked_on=on, payee="机构", amount_cents=cents,
            purpose="service", note="服务费", entered_at=noon(on), entered_by="staff:1", provider_id=self.provider.id,
            **more,
        )  # fmt: skip
        self.session.add(row)
        self.session.flush()
        return row

    def statuses(self, check: str, today: date = TODAY, branch: str = "南京") -> list[str]:
        self.session.flush()
        rows = Run(self.session, PROGRAM, Query(check).narrowed(all_parts=True), load(), today, CALENDAR).answer().rows
        return [row["status"] for row in rows if row["branch"] == branch]


@pytest.fixture
def books(database: Database):  # type: ignore[no-untyped-def]
    with database.write() as session:
        yield Books(session)


def target(books: Books, ratio_bp: int, version: int = 1) -> None:
    books.session.add(
        ProvinceTarget(
            province=books.firm.province, year=2026, version=version, ratio_bp=ratio_bp, document="文",
            set_by="staff:1", set_at=noon(TODAY),
        )
    )  # fmt: skip


def test_the_ratio_is_unknown_due_met_or_late(books: Books) -> None:
    assert books.statuses("spend_ratio") == ["unknown"]
    target(books, 1500)
    assert books.statuses("spend_ratio") == ["due_soon"]
    books.entry(149_999)
    assert books.statuses("spend_ratio") == ["due_soon"]
    assert books.statuses("spend_ratio", LAST + timedelta(days=1)) == [], "the next year has its own policies"
    books.entry(1)
    assert books.statuses("spend_ratio") == ["met"]
    assert books.statuses("spend_ratio", TODAY - timedelta(days=1)) == ["due_soon"], "what was booked later is not seen"
    target(books, 2000, version=2)
    assert books.statuses("spend_ratio") == ["due_soon"], "the newest target counts"
    assert books.statuses("spend_ratio", date(2026, 6, 1)) == ["not_due"]


def test_a_ratio_is_that_of_each_branch_above_the_county(books: Books) -> None:
    target(books, 1500)
    books.entry(150_000)
    assert books.statuses("spend_ratio", branch="江苏") == ["met"]
    assert books.statuses("spend_ratio", branch="总公司") == ["met"]
    assert books.statuses("spend_ratio", branch="苏州") == []


def test_what_is_held_or_refused_is_not_spent(books: Books) -> None:
    target(books, 1500)
    held = books.entry(150_000, held_for="related")
    assert books.statuses("spend_ratio") == ["due_soon"]
    assert books.statuses("payees") == ["not_due"]
    books.session.add(
        LedgerDecision(entry_id=held.id, approved=True, reason="查过", decided_at=noon(TODAY), decided_by="staff:2")
    )
    assert books.statuses("spend_ratio") == ["met"]
    assert books.statuses("payees") == ["met"]


def test_a_line_has_its_voucher_or_not_and_one_that_was_taken_back_needs_none(books: Books) -> None:
    first = books.entry(100)
    assert books.statuses("vouchers") == ["not_due"]
    books.session.add(LedgerVoucher(entry_id=first.id, number="FP", added_at=noon(TODAY), added_by="staff:1"))
    assert books.statuses("vouchers") == ["met"]
    second = books.entry(100)
    books.entry(-100, reverses_id=second.id)
    assert books.statuses("vouchers") == ["met"]


def test_what_is_owed_is_due_soon_late_paid_or_paid_late(books: Books) -> None:
    row = Payable(
        branch_id=books.policy.branch_id, provider_id=books.provider.id, service_id=books.service().id, amount_cents=5,
        due_on=TODAY + timedelta(days=30), terms="三十天", created_at=noon(TODAY - timedelta(days=20)),
        created_by="staff:1",
    )  # fmt: skip
    books.session.add(row)
    assert books.statuses("payables") == ["not_due"]
    row.due_on = TODAY
    assert books.statuses("payables") == ["due_soon"]
    row.due_on = TODAY - timedelta(days=1)
    assert books.statuses("payables") == ["overdue"]
    assert books.statuses("payables", TODAY - timedelta(days=21)) == [], "it was not owed yet"
    row.paid_entry_id = books.entry(5).id
    assert books.statuses("payables") == ["overdue"], "paid late"
    row.due_on = TODAY
    assert books.statuses("payables") == ["met"]


def test_a_budget_is_made_or_not_for_each_branch_that_has_insureds(books: Books) -> None:
    assert books.statuses("budget_made") == ["due_soon"]
    assert books.statuses("budget_made", branch="苏州") == []
    books.session.add(
        FeeBudget(
            branch_id=books.policy.branch_id, year=2026, province=books.firm.province, version=1, amount_cents=5,
            document="预算", made_on=TODAY, set_at=noon(TODAY), set_by="staff:1",
        )
    )  # fmt: skip
    assert books.statuses("budget_made") == ["met"]
    assert books.statuses("budget_made", TODAY - timedelta(days=1)) == ["due_soon"]


def test_what_is_paid_by_a_held_line_is_owed_until_it_passed(books: Books) -> None:
    held = books.entry(5, TODAY - timedelta(days=5), held_for="related")
    row = Payable(
        branch_id=books.policy.branch_id, provider_id=books.provider.id, service_id=books.service().id, amount_cents=5,
        due_on=TODAY - timedelta(days=3), terms="三十天", created_at=noon(TODAY - timedelta(days=20)),
        created_by="staff:1", paid_entry_id=held.id,
    )  # fmt: skip
    books.session.add(row)
    assert books.statuses("payables") == ["overdue"]
    books.session.add(
        LedgerDecision(entry_id=held.id, approved=True, reason="查过", decided_at=noon(TODAY), decided_by="staff:2")
    )
    assert books.statuses("payables") == ["met"]
    assert books.statuses("payables", TODAY - timedelta(days=1)) == ["overdue"], "it had not passed by then"
    assert books.statuses("payees", TODAY - timedelta(days=1)) == ["not_due"]
