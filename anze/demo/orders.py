"""Orders of the provider whose login is in the README, in every state that its page tells apart."""

from datetime import datetime, timedelta

from anze.bookings.models import Service, ServiceStatus
from anze.bookings.slots import Half, bookable, halves
from anze.demo.policies import FIXED
from anze.demo.world import Row, World, dice, instant, weekday_after, weekday_before
from anze.policies.models import Insured, Policy, PolicyInsured
from anze.providers.models import Provider

PROVIDER = 1
ORDERS: tuple[tuple[ServiceStatus, str, int | None], ...] = (
    (ServiceStatus.DISPATCHED, "d", None),
    (ServiceStatus.ONGOING, "d", 0),
    (ServiceStatus.REQUESTED, "d", 3),
    (ServiceStatus.REQUESTED, "a", 6),
    (ServiceStatus.REQUESTED, "e", 10),
    (ServiceStatus.CONFIRMED, "b", 5),
    (ServiceStatus.CONFIRMED, "d", 8),
    (ServiceStatus.DISPATCHED, "a", 2),
    (ServiceStatus.COMPLETED, "d", -2),
    (ServiceStatus.COMPLETED, "a", -5),
    (ServiceStatus.CANCELLED, "d", -7),
    (ServiceStatus.NO_SHOW, "d", -9),
    (ServiceStatus.REFUSED, "b", -12),
)
"""State, item, days from now; None: the next half day."""
_NEEDED = timedelta(days=40)
"""How long before and after now the policy must run."""


def add_orders(world: World) -> None:
    """One order for each of several insureds of the provider's province."""
    rng = dice("orders")
    customers = _customers(world)
    for (status, item, days), (policy, insured) in zip(ORDERS, rng.sample(customers, len(ORDERS)), strict=True):
        starts_at, ends_at = _when(world, status, days)
        asked = min(starts_at, world.now) - timedelta(days=rng.randint(15, 20), hours=rng.randint(0, 5))
        row = world.add(
            Service,
            number="",
            policy_id=policy["id"],
            insured_id=insured["id"],
            provider_id=PROVIDER,
            item=item,
            status=status,
            requested_at=asked,
            starts_at=starts_at,
            ends_at=ends_at,
            completed_on=None,
            report_no=None,
            place=insured["address"],
            people=[],
            note="进厂请在门卫登记，车停东门外。" if status == ServiceStatus.DISPATCHED else None,
        )
        if status == ServiceStatus.COMPLETED:
            # The newest one still lacks its report.
            day = weekday_before(world.day(days or 0))
            row.update(completed_on=day, report_no=None if days == -2 else f"BG{day:%Y%m%d}{row['id']:04d}")


def _customers(world: World) -> list[tuple[Row, Row]]:
    """Insureds of the province with a policy that runs long enough; each once, the fixed ones not among them."""
    province = world.rows[Provider][PROVIDER - 1]["province"]
    insureds = {row["id"]: row for row in world.rows[Insured]}
    policies = {row["id"]: row for row in world.rows[Policy]}
    first, last = world.today - _NEEDED, world.today + _NEEDED
    found: dict[int, tuple[Row, Row]] = {}
    for link in world.rows[PolicyInsured]:
        policy, insured = policies[link["policy_id"]], insureds[link["insured_id"]]
        runs = policy["start_on"] <= first and last <= min(policy["end_on"], policy["ended_early_on"] or last)
        if runs and insured["province"] == province and policy["number"] not in FIXED:
            found.setdefault(insured["id"], (policy, insured))
    return list(found.values())


def _when(world: World, status: ServiceStatus, days: int | None) -> tuple[datetime, datetime]:
    if days is None:
        half = _next_half(world)
        return half.starts_at, half.ends_at
    if status == ServiceStatus.ONGOING:
        began = world.now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
        return began, began + timedelta(hours=3)
    day = weekday_after(world.day(days)) if days > 0 else weekday_before(world.day(days))
    starts_at = instant(day, 9)
    return starts_at, starts_at + timedelta(hours=3)


def _next_half(world: World) -> Half:
    return next(half for half in halves(world.today, world.day(1)) if bookable(half, world.now))
