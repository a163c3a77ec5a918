"""Teams of the providers and the days on which they are away."""

from datetime import timedelta

from anze.demo.branches import person_name
from anze.demo.providers import Bench
from anze.demo.world import Row, World, dice
from anze.providers.models import Provider, Qualification, Team, TeamLeave

_REASONS = ("年休", "外出培训", "设备校准")


def add_teams(world: World, bench: Bench) -> None:
    """Two or three teams of each provider; the first does everything that the provider does, the first of every third
    provider also goes out at weekends. Some leave, one of it now, and a team that is no more."""
    rng = dice("teams")
    for number, provider in enumerate(world.rows[Provider]):
        people = bench.people(provider["id"])
        items = sorted({
            letter
            for row in world.rows[Qualification]
            if row["provider_id"] == provider["id"]
            for letter in row["items"]
        })  # fmt: skip
        crews = [(people[:2], "".join(items)), (people[2:4], "".join(items))]
        if number % 3 == 0:
            crews.append(([person_name(rng), person_name(rng)], "".join(items[: max(1, len(items) // 2)])))
        for no, (names, letters) in enumerate(crews, start=1):
            world.add(
                Team,
                provider_id=provider["id"],
                no=no,
                people=names,
                items=letters,
                weekends=no == 1 and number % 3 == 0,
                ended_on=world.day(-30) if no == 3 and number == 12 else None,
            )
    for team in world.rows[Team][1::4]:
        begins = world.day(rng.randint(-3, 25))
        last = begins + timedelta(days=rng.randint(0, 4))
        world.add(TeamLeave, team_id=team["id"], from_on=begins, to_on=last, reason=rng.choice(_REASONS))


def teams_for(world: World, provider_id: int, item: str) -> list[Row]:
    """The teams of a provider that do an item and are still there."""
    return [
        row
        for row in world.rows[Team]
        if row["provider_id"] == provider_id and item in row["items"] and row["ended_on"] is None
    ]
