"""The duties about plans, each status built on purpose (6.1)."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from anze.db import Database
from anze.plans.models import PlanParty, PlanVersion, ServicePlan
from tests.fees.test_duties import Books, noon
from tests.obligations.world import TODAY

CHECKS = ("plan_made", "plan_confirmed", "plan_profile", "plan_elements")


@pytest.fixture
def books(database: Database) -> Iterator[Books]:
    with database.write() as session:
        yield Books(session)


def plan(books: Books, version: int = 1, days: int = 5, **more: Any) -> PlanVersion:
    on = noon(TODAY - timedelta(days=days))
    known = books.session.get(ServicePlan, 1)
    if known is None:
        known = ServicePlan(id=1, branch_id=books.policy.branch_id, begun_at=on, begun_by="staff:1")
        known.parties = [PlanParty(policy_id=books.policy.id, insured_id=books.firm.id)]
        books.session.add(known)
    values: dict[str, Any] = {"state": "offered", "offered_at": on, "profiled": True, "whole": True} | more
    row = PlanVersion(
        plan=known, version=version, body={"items": []}, profiles={}, drafted_at=on, drafted_by="staff:1", **values
    )
    books.session.add(row)
    books.session.flush()
    return row


def statuses(books: Books, days: int = 0) -> list[list[str]]:
    return [books.statuses(check, TODAY - timedelta(days=days)) for check in CHECKS]


def test_a_policy_without_a_plan_is_undone_and_a_draft_is_none(books: Books) -> None:
    before = statuses(books)
    assert all(len(found) == 1 and found != ["met"] for found in before)
    plan(books, state="draft", offered_at=None)
    assert statuses(books) == before


def test_offered_is_made_and_confirmed_when_all_agreed(books: Books) -> None:
    row = plan(books)
    met = [["met"], ["met"], ["met"]]
    made, confirmed, *others = statuses(books)
    assert [made, *others] == met
    assert confirmed != ["met"]
    row.confirmed_at = noon(TODAY)
    assert statuses(books) == [["met"], *met]
    assert statuses(books, days=1)[1] != ["met"], "yesterday nobody had agreed"
    assert statuses(books, days=6)[0] != ["met"], "before it was offered there was none"


def test_the_newest_version_counts(books: Books) -> None:
    plan(books, confirmed_at=noon(TODAY - timedelta(days=4)))
    plan(books, version=2, days=1, profiled=False, whole=False)
    made, *others = statuses(books)
    assert made == ["met"]
    assert all(found != ["met"] for found in others)


def test_a_policy_that_has_ended_needs_none(books: Books) -> None:
    books.policy.ended_early_on = TODAY - timedelta(days=1)
    assert statuses(books) == [[], [], [], []]
