"""Providers, their qualifications (some expired) and their people."""

from datetime import date

from anze.demo.branches import person_name
from anze.demo.uscc import uscc
from anze.demo.world import Row, World, data, dice
from anze.providers.models import Provider, Qualification

PEOPLE_OF_EACH = 4


def add_providers(world: World) -> list[Row]:
    """In the order of providers.yml."""
    providers = []
    for number, given in enumerate(data("providers"), start=1):
        provider = world.add(
            Provider,
            name=given["name"],
            short_name=given["short"],
            uscc=uscc("100000", 900_000 + number),
            legal_status=given.get("legal_status", "企业法人"),
            province=given["province"],
        )
        for kind, items, years_ago, ends_in in given["qualifications"]:
            world.add(
                Qualification,
                provider_id=provider["id"],
                kind=kind,
                items=items,
                valid_from=date(world.today.year - years_ago, 1 + number % 12, 1),
                valid_to=None if ends_in is None else world.day(ends_in),
            )
        providers.append(provider)
    return providers


class Bench:
    """Who can be sent: providers by province and service item, and their people."""

    def __init__(self, world: World) -> None:
        rng = dice("professionals")
        self._people = {row["id"]: [person_name(rng) for _ in range(PEOPLE_OF_EACH)] for row in world.rows[Provider]}
        self._by_place: dict[tuple[str, str], list[int]] = {}
        provinces = {row["id"]: row["province"] for row in world.rows[Provider]}
        for qualification in world.rows[Qualification]:
            for item in qualification["items"]:
                key = (provinces[qualification["provider_id"]], item)
                self._by_place.setdefault(key, []).append(qualification["provider_id"])

    def providers(self, province: str, item: str) -> list[int]:
        """Ids of those that hold, or held, a qualification for the item; never empty in the demo's provinces."""
        return self._by_place[province, item]

    def people(self, provider_id: int) -> list[str]:
        return self._people[provider_id]
