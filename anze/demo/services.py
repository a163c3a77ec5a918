"""Two years of services, with every outcome that the yearly duty of clause 4 can tell apart."""

from datetime import date, timedelta
from random import Random

from anze.bookings.models import Service, ServiceStatus
from anze.demo.policies import FIXED
from anze.demo.providers import Bench
from anze.demo.world import Row, World, dice, instant, weekday_after, weekday_before
from anze.policies.models import Insured, Policy, PolicyInsured, PolicyYear

BACK = 760
"""Days: nothing older is told."""
PAST = {"d": 44, "b": 18, "nothing": 16, "cancelled": 8, "no_evidence": 5, "other_item": 9}
RUNNING = {
    "d": 31,
    "b": 12,
    "nothing": 20,
    "requested": 7,
    "confirmed": 6,
    "dispatched": 5,
    "ongoing": 2,
    "cancelled": 6,
    "no_evidence": 4,
    "other_item": 7,
}
"""What became of an insured's policy year, of 100."""
OTHER_ITEMS = "acefg"
ONE_MORE = 0.35
OWN_ENGINEERS = 0.03
"""Services without a provider (AMB-28: flagged, not blocked)."""
TWO_WEEKS = 14
SECOND_SITE = "六合区葛塘北路88号城北厂区"
"""Of the first fixed customer, who has two places to choose from."""


def add_services(world: World, bench: Bench) -> None:
    """Services of every policy year that has begun, and those of the fixed customers."""
    _Maker(world, bench).make()


class _Maker:
    def __init__(self, world: World, bench: Bench) -> None:
        self._world = world
        self._bench = bench
        self._rng: Random = dice("services")
        self._policies = {row["id"]: row for row in world.rows[Policy]}
        self._insureds = {row["id"]: row for row in world.rows[Insured]}

    def make(self) -> None:
        members: dict[int, list[int]] = {}
        for row in self._world.rows[PolicyInsured]:
            members.setdefault(row["policy_id"], []).append(row["insured_id"])
        for year in self._world.rows[PolicyYear]:
            policy = self._policies[year["policy_id"]]
            if policy["number"] in FIXED[:2] or year["from_on"] > self._world.today:
                continue
            for insured_id in members[policy["id"]]:
                self._year(policy, self._insureds[insured_id], year)
        for policy in self._world.rows[Policy]:
            if policy["number"] in FIXED[:2]:
                self._fixed(policy, self._insureds[members[policy["id"]][0]])

    def _year(self, policy: Row, insured: Row, year: Row) -> None:
        # The dice are thrown for older years too: what is left out does not move what follows.
        weights = RUNNING if year["to_on"] >= self._world.today else PAST
        outcome = self._rng.choices(list(weights), list(weights.values()))[0]
        day = self._day_in(year)
        extra = self._rng.random() < ONE_MORE
        extra_day, extra_item = self._day_in(year), self._rng.choice(OTHER_ITEMS)
        wanted = year["from_on"] >= self._world.day(-BACK)
        if wanted:
            self._outcome(policy, insured, outcome, day)
        if wanted and extra:
            self._completed(policy, insured, extra_item, extra_day)

    def _day_in(self, year: Row) -> date:
        """A weekday of the part of a policy year that is over."""
        last = min(year["to_on"], self._world.day(-2))
        first = year["from_on"] + timedelta(days=3)
        return weekday_before(first + (last - first) * self._rng.random())

    def _outcome(self, policy: Row, insured: Row, outcome: str, day: date) -> None:
        coming = self._world.day(self._rng.randint(1, 16))
        match outcome:
            case "b" | "d":
                self._completed(policy, insured, outcome, day)
            case "other_item":
                self._completed(policy, insured, self._rng.choice(OTHER_ITEMS), day)
            case "no_evidence":
                self._without_evidence(policy, insured, day)
            case "cancelled":
                row = self._service(policy, insured, self._rng.choice("bd"), ServiceStatus.CANCELLED, day)
                row["note"] = self._rng.choice(["企业停产检修，改期未定", "被保险人要求取消", "服务机构人员不足"])
            case "requested":
                row = self._service(policy, insured, self._rng.choice("abd"), ServiceStatus.REQUESTED, coming)
                row.update(provider_id=None, starts_at=None, ends_at=None, people=[])
            case "confirmed":
                self._service(policy, insured, self._rng.choice("bd"), ServiceStatus.CONFIRMED, weekday_after(coming))
            case "dispatched":
                self._service(policy, insured, self._rng.choice("bd"), ServiceStatus.DISPATCHED, weekday_after(coming))
            case "ongoing":
                self._ongoing(policy, insured)

    def _completed(self, policy: Row, insured: Row, item: str, day: date) -> Row:
        row = self._service(policy, insured, item, ServiceStatus.COMPLETED, day)
        row.update(completed_on=day, report_no=f"BG{day:%Y%m%d}{row['id']:04d}")
        return row

    def _without_evidence(self, policy: Row, insured: Row, day: date) -> None:
        """Marked completed, but the date, the report or both are missing (缺证据)."""
        row = self._completed(policy, insured, self._rng.choice("bd"), day)
        for field in self._rng.choice([("completed_on",), ("report_no",), ("completed_on", "report_no")]):
            row[field] = None

    def _ongoing(self, policy: Row, insured: Row) -> None:
        row = self._service(policy, insured, "d", ServiceStatus.ONGOING, self._world.today)
        began = self._world.now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
        row.update(starts_at=began, ends_at=began + timedelta(hours=4))

    def _service(self, policy: Row, insured: Row, item: str, status: ServiceStatus, day: date) -> Row:
        provider = self._rng.choice(self._bench.providers(insured["province"], item))
        alone = self._rng.random() < OWN_ENGINEERS
        hour = self._rng.choice([9, 10, 13, 14])
        asked = min(day, self._world.today) - timedelta(days=self._rng.randint(4, 20))
        starts_at = instant(day, hour)
        return self._world.add(
            Service,
            number="",
            policy_id=policy["id"],
            insured_id=insured["id"],
            provider_id=None if alone else provider,
            item=item,
            status=status,
            requested_at=instant(asked, self._rng.randint(8, 17), self._rng.randint(0, 59)),
            starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=3),
            completed_on=None,
            report_no=None,
            place=insured["address"],
            people=self._rng.sample(self._bench.people(provider), 2),
            note=None,
        )

    def _fixed(self, policy: Row, insured: Row) -> None:
        """A hazard check two weeks ago by a named provider, a training before it, and one to come."""
        first = policy["number"] == FIXED[0]
        provider = 1 if first else 2
        rows = [
            self._completed(policy, insured, "d", weekday_before(self._world.day(-TWO_WEEKS))),
            self._completed(policy, insured, "e", weekday_before(self._world.day(-95))),
            self._service(
                policy,
                insured,
                "b" if first else "c",
                ServiceStatus.CONFIRMED,
                weekday_after(self._world.day(6 if first else 9)),
            ),
        ]
        for row in rows:
            row.update(provider_id=provider, people=self._bench.people(provider)[:2])
        if first:
            rows[1]["place"] = f"{insured['province']}{insured['city']}{SECOND_SITE}"
