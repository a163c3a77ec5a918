"""The spend ratio against a walk over the rows by hand, and against the figures that were laid down (7.3, AMB-20)."""

import csv
from collections import defaultdict
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.db import Database
from anze.fees import figures, sums
from anze.fees.models import LedgerDecision, LedgerEntry
from anze.identity.models import Branch
from anze.obligations.undone import PROGRAM
from anze.policies.models import Policy
from tests.helpers.databases import opened
from tests.obligations.world import TODAY, World

FIGURES = Path(__file__).with_name("spend_ratio_demo.csv")
AS_OF = date(2026, 11, 23)
type Sums = dict[tuple[str, str], tuple[Fraction, Fraction]]


@pytest.fixture(scope="module")
def demo(demo_copy: str):  # type: ignore[no-untyped-def]
    with opened(demo_copy) as database:
        yield database


def walked(
    session: Session,
    *,
    last_day: Callable[[Policy], date] = lambda policy: policy.ended_early_on or policy.end_on,
    counts: Callable[[LedgerEntry], bool] = lambda entry: True,
    province: Callable[[str], str] = lambda name: name,
) -> Sums:
    """Premium and spending row by row, as the clause says, without a join."""
    branches = {row.id: row for row in session.scalars(select(Branch))}
    passed = {row.entry_id for row in session.scalars(select(LedgerDecision)) if row.approved}
    spent: dict[int, int] = defaultdict(int)
    for entry in session.scalars(select(LedgerEntry)):
        if (entry.held_for is None or entry.id in passed) and entry.booked_on <= AS_OF and counts(entry):
            spent[entry.policy_id] += entry.amount_cents
    found: dict[tuple[str, str], list[Fraction]] = defaultdict(lambda: [Fraction(0), Fraction(0)])
    for policy in session.scalars(select(Policy)):
        if last_day(policy).year != AS_OF.year:
            continue
        for insured in policy.insureds:
            for id_ in map(int, branches[policy.branch_id].path.strip("/").split("/")):
                if branches[id_].level in {"head", "province", "city"}:
                    pair = found[branches[id_].short_name, province(insured.province)]
                    pair[0] += Fraction(policy.premium_cents, len(policy.insureds))
                    pair[1] += Fraction(spent[policy.id], len(policy.insureds))
    return {key: (premium, out) for key, (premium, out) in found.items()}


def compiled(session: Session) -> dict[tuple[str, str], tuple[int, int]]:
    return {
        (row["branch"], row["province"]): (row["premium_cents"], row["spent_cents"])
        for row in figures.ratios(session, PROGRAM, AS_OF.year, AS_OF)["items"]
    }


def test_the_sums_are_those_of_a_walk_over_the_rows(demo: Database) -> None:
    with demo.read() as session:
        hand, sql = walked(session), compiled(session)
    assert hand.keys() == sql.keys()
    for key, (premium, spent) in hand.items():
        # Whole cents of each policy: less than a cent of each is lost.
        assert 0 <= premium - sql[key][0] < 200, key
        assert abs(spent - sql[key][1]) < 200, key


def test_the_figures_are_those_that_were_laid_down(demo: Database) -> None:
    """Made once from the rows by the walk, in a file of its own; a change of the demo needs new ones."""
    with FIGURES.open(encoding="utf-8", newline="") as file:
        laid_down = {
            (row["branch"], row["province"]): (int(row["premium_cents"]), int(row["spent_cents"]))
            for row in csv.DictReader(file)
        }
    with demo.read() as session:
        assert compiled(session) == laid_down


@pytest.mark.parametrize(
    "without",
    [
        {"last_day": lambda policy: policy.end_on},
        {"counts": lambda entry: entry.reverses_id is None},
        {"counts": lambda entry: entry.booked_on.year == AS_OF.year},
        {"province": lambda _: "全国"},
    ],
    ids=["early end", "reversal", "spent last year", "two provinces"],
)
def test_each_case_of_the_demo_changes_the_ratio(demo: Database, without: dict[str, object]) -> None:
    with demo.read() as session:
        assert walked(session, **without) != walked(session)  # type: ignore[arg-type]


def test_a_policy_in_two_provinces_is_shared_out(database: Database) -> None:
    with database.write() as session:
        world = World(session)
        here, there = world.insured("甲", "large", "mine"), world.insured("乙", "large", "mine")
        third = world.insured("丙", "large", "mine")
        there.province = "湖南省"
        policy = world.policy([here, there, third], date(2026, 1, 1), date(2026, 12, 31))
        policy.premium_cents = 100_01
        session.flush()
        rows = session.execute(sums.ratios(2026, TODAY)).mappings().all()
        shared = {(row["branch_id"], row["province"]): row["premium_cents"] for row in rows}
        assert shared[policy.branch_id, "湖南省"] == 33_33
        assert shared[policy.branch_id, here.province] == 66_67
