"""Certificates of the providers' people and their instruments (3.5, 5): most valid, some run out."""

from datetime import date, timedelta

from anze.demo.world import World, data, dice
from anze.providers.models import Certificate, Equipment, Provider, Team

_VALID = 0.9


def add_crew(world: World) -> None:
    """For the people of the teams; some lie in the past."""
    rng, given = dice("crew"), data("crew")
    people: dict[int, list[str]] = {}
    for team in world.rows[Team]:
        known = people.setdefault(team["provider_id"], [])
        known += [name for name in team["people"] if name not in known]
    for provider in world.rows[Provider]:
        for place, name in enumerate(people.get(provider["id"], [])):
            lucky, kind = rng.random() < _VALID, given["certificates"][rng.randrange(len(given["certificates"]))]
            world.add(
                Certificate, provider_id=provider["id"], person=name, kind=kind,
                number=f"ZS{provider['id']:03d}{place:03d}", valid_from=date(world.today.year - 2, 3, 1),
                valid_to=world.day(400) if lucky else world.day(-20),
            )  # fmt: skip
        for place, name in enumerate(given["equipment"]):
            lucky = rng.random() < _VALID
            world.add(
                Equipment, provider_id=provider["id"], name=name, number=f"SB{provider['id']:03d}{place}",
                checked_until=world.today + timedelta(days=200 if lucky else -10),
            )  # fmt: skip
