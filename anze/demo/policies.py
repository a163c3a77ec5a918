"""Policies around today: in force, of two years, renewed, ended early, expired, not yet begun."""

from datetime import date, timedelta
from random import Random

from anze.demo.firms import Unit
from anze.demo.world import Row, World, dice
from anze.policies.models import Policy, PolicyInsured, PolicyYear
from anze.policies.rules import SizeClass, anniversary, policy_years

FIXED = ("AZ2026000001", "AZ2026000002", "AZ2026000003")
"""Of the three fixed customers; in force whatever today is."""
_FIXED_BEGAN = (200, 150, 240)
KINDS = {
    "running": 125,
    "renewed": 120,
    "about_to_renew": 10,
    "two_years": 35,
    "ended_early": 14,
    "expired": 31,
    "expired_after_renewal": 10,
    "not_yet_begun": 12,
}
"""How many customers beside the fixed ones; renewed, about_to_renew and expired_after_renewal have two policies."""
_PREMIUM_YUAN = {
    SizeClass.LARGE: (40_000, 120_000),
    SizeClass.MEDIUM: (15_000, 50_000),
    SizeClass.SMALL: (4000, 15_000),
    SizeClass.MICRO: (1500, 5000),
    SizeClass.UNKNOWN: (3000, 20_000),
}


def add_policies(world: World, units: list[Unit]) -> None:
    """Every customer's policies, in the order of the units."""
    rng = dice("policies")
    for unit, number, began in zip(units, FIXED, _FIXED_BEGAN, strict=False):
        _policy(world, rng, unit, world.day(-began), number=number)
    kinds = [kind for kind, count in KINDS.items() for _ in range(count)]
    rng.shuffle(kinds)
    for unit, kind in zip(units[len(FIXED) :], kinds, strict=True):
        _policies_of(world, rng, unit, kind)


def _policies_of(world: World, rng: Random, unit: Unit, kind: str) -> None:
    match kind:
        case "running":
            _policy(world, rng, unit, world.day(-rng.randint(20, 345)))
        case "renewed":
            _renewal(world, rng, unit, world.day(-rng.randint(20, 345)))
        case "about_to_renew":
            _renewal(world, rng, unit, anniversary(world.day(-rng.randint(330, 345)), 1))
        case "two_years":
            began = rng.choice([rng.randint(20, 345), rng.randint(390, 700)])
            _policy(world, rng, unit, world.day(-began), years=2)
        case "ended_early":
            began = rng.randint(90, 330)
            _policy(world, rng, unit, world.day(-began), ended_early=world.day(-rng.randint(5, began - 60)))
        case "expired":
            _policy(world, rng, unit, world.day(-rng.randint(375, 660)))
        case "expired_after_renewal":
            _renewal(world, rng, unit, world.day(-rng.randint(375, 500)))
        case "not_yet_begun":
            _policy(world, rng, unit, world.day(rng.randint(3, 60)))


def _renewal(world: World, rng: Random, unit: Unit, start: date) -> None:
    """A policy and the one that it renews, which ended the day before."""
    before = _policy(world, rng, unit, anniversary(start, -1), end=start - timedelta(days=1))
    _policy(world, rng, unit, start, renews=before)


def _policy(
    world: World,
    rng: Random,
    unit: Unit,
    start: date,
    *,
    years: int = 1,
    end: date | None = None,
    ended_early: date | None = None,
    renews: Row | None = None,
    number: str | None = None,
) -> Row:
    premium = sum(rng.randint(*_PREMIUM_YUAN[insured["size_class"]]) for insured in unit.insureds)
    policy = world.add(
        Policy,
        number=number or f"AZ{start.year}{len(world.rows[Policy]) + 1:06d}",
        applicant_id=unit.applicant["id"],
        branch_id=unit.branch["id"],
        start_on=start,
        end_on=end or anniversary(start, years) - timedelta(days=1),
        ended_early_on=ended_early,
        renews_id=renews["id"] if renews else None,
        premium_cents=premium * years * 100,
    )
    for insured in unit.insureds:
        world.add(PolicyInsured, policy_id=policy["id"], insured_id=insured["id"])
    for year in policy_years(policy["start_on"], policy["end_on"], ended_early):
        world.add(PolicyYear, policy_id=policy["id"], no=year.no, from_on=year.from_on, to_on=year.to_on)
    return policy
