"""Insureds and applicants: the three fixed customers, groups, and single firms."""

from dataclasses import dataclass
from random import Random

from anze.demo.branches import person_name
from anze.demo.uscc import uscc
from anze.demo.world import Row, World, data, dice
from anze.policies.models import Applicant, Insured
from anze.policies.rules import SizeClass, size_class
from anze.standard.models import SizeSector, SizeThresholds

INSUREDS = 400
GROUPS = (2, 3, 3, 4, 4, 4, 4, 5, 5, 5, 6, 3)
PHONES = ("13800000001", "13800000002", "13800000003")
"""Of the three fixed customers; no other number begins with 1380000000."""
SIZES = {
    SizeClass.LARGE: 15,
    SizeClass.MEDIUM: 33,
    SizeClass.SMALL: 30,
    SizeClass.MICRO: 14,
    SizeClass.UNKNOWN: 8,
}
"""How many of 100 firms."""
_REGIONS = {"江苏省": "320000", "湖南省": "430000", "山西省": "140000"}


@dataclass(frozen=True)
class Unit:
    """Who is insured together: one applicant, its insureds, and the branch that keeps the contract."""

    applicant: Row
    insureds: list[Row]
    branch: Row


def add_firms(world: World, branches: dict[str, Row], thresholds: SizeThresholds) -> list[Unit]:
    """All customers, the three fixed ones first."""
    return _Maker(world, branches, thresholds).units()


class _Maker:
    def __init__(self, world: World, branches: dict[str, Row], thresholds: SizeThresholds) -> None:
        self._world = world
        self._branches = branches
        self._thresholds = thresholds
        self._firms = data("firms")
        self._areas = {place["name"]: place["areas"] for place in data("places") if "areas" in place}
        self._rng = dice("firms")
        brands = self._firms["brands"]
        self._brands = [first + second for first in brands["first"] for second in brands["second"]]
        self._rng.shuffle(self._brands)
        self._names: set[str] = set()

    def units(self) -> list[Unit]:
        fixed = self._fixed()
        groups = [self._group(size) for size in GROUPS]
        singles = INSUREDS - sum(len(unit.insureds) for unit in [*fixed, *groups])
        return [*fixed, *groups, *(self._single() for _ in range(singles))]

    def _fixed(self) -> list[Unit]:
        given = self._firms["fixed"]
        nanjing = self._branches["南京分公司"]
        units = []
        for key, phone in zip(("chemicals", "copper"), PHONES, strict=False):
            firm = given[key]
            name = f"{nanjing['short_name']}{firm['brand']}{firm['suffix']}"
            insured = self._insured(
                name, nanjing, firm["sector"], firm, SizeClass(firm["size"]), firm["contact"], phone
            )
            units.append(Unit(self._applicant_like(insured), [insured], nanjing))
        group = given["group"]
        province = self._branches["江苏省分公司"]
        places = [self._branches[name] for name in self._areas if self._branches[name]["province"] == "江苏省"]
        members = [
            self._insured(
                f"{place['short_name']}{firm['brand']}{firm['suffix']}",
                place,
                firm["sector"],
                firm,
                SizeClass(firm["size"]),
            )
            for place, firm in zip((places * 2)[: len(group["members"])], group["members"], strict=True)
        ]
        applicant = self._applicant(group["applicant"], "江苏省", group["contact"], PHONES[2])
        return [*units, Unit(applicant, members, province)]

    def _group(self, size: int) -> Unit:
        province = self._rng.choice(list(_REGIONS))
        places = [self._branches[name] for name in self._areas if self._branches[name]["province"] == province]
        brand = self._brands.pop()
        applicant = self._applicant(f"{brand}集团有限公司", province, person_name(self._rng), None)
        members = [self._any_insured(self._rng.choice(places), brand) for _ in range(size)]
        return Unit(applicant, members, self._branches[f"{province}分公司"])

    def _single(self) -> Unit:
        place = self._branches[self._rng.choice(list(self._areas))]
        insured = self._any_insured(place, self._rng.choice(self._brands))
        return Unit(self._applicant_like(insured), [insured], place)

    def _any_insured(self, place: Row, brand: str) -> Row:
        shares = self._firms["shares"][place["province"]]
        while True:
            sector = self._pick(shares)
            firm = self._rng.choice(self._firms["sectors"][sector])
            size = self._pick(SIZES)
            name = f"{place['short_name']}{brand}{firm['suffix']}"
            if name not in self._names:
                return self._insured(name, place, sector, firm, size)

    def _pick[T](self, weights: dict[T, int]) -> T:
        return self._rng.choices(list(weights), list(weights.values()))[0]

    def _insured(
        self,
        name: str,
        place: Row,
        sector: str,
        firm: Row,
        size: SizeClass,
        contact: str | None = None,
        phone: str | None = None,
    ) -> Row:
        self._names.add(name)
        number = len(self._world.rows[Insured]) + 1
        nbs = next(row for row in self._thresholds.sectors if row.name == firm["nbs"])
        basis = _size_basis(self._rng, nbs, size, self._world.today.year - 1)
        figures = basis or {}
        area = self._rng.choice(self._areas[place["name"]])
        road = self._rng.choice(self._firms["roads"])
        return self._world.add(
            Insured,
            name=name,
            uscc=uscc(_REGIONS[place["province"]], number),
            sector=sector,
            industry=firm["industry"],
            size_class=size_class(
                self._thresholds,
                figures.get("nbs_industry"),
                figures.get("employees"),
                figures.get("revenue_wan"),
                figures.get("assets_wan"),
            ),
            size_basis=basis,
            province=place["province"],
            city=place["city"],
            address=f"{place['province']}{place['city']}{area}{road}{self._rng.randint(1, 299)}号",
            contact_name=contact or person_name(self._rng),
            contact_phone=phone or f"1380010{number:04d}",
        )

    def _applicant_like(self, insured: Row) -> Row:
        return self._world.add(
            Applicant, **{key: insured[key] for key in ("name", "uscc", "contact_name", "contact_phone")}
        )

    def _applicant(self, name: str, province: str, contact: str, phone: str | None) -> Row:
        number = len(self._world.rows[Applicant]) + 1
        return self._world.add(
            Applicant,
            name=name,
            uscc=uscc(_REGIONS[province], 500_000 + number),
            contact_name=contact,
            contact_phone=phone or f"1380011{number:04d}",
        )


def _size_basis(rng: Random, nbs: SizeSector, size: SizeClass, year: int) -> Row | None:
    """Figures of a report that give the class; for UNKNOWN no report, or one that leaves a figure out."""
    limits = {
        SizeClass.LARGE: nbs.large.model_dump(exclude_none=True),
        SizeClass.MEDIUM: nbs.medium.model_dump(exclude_none=True),
        SizeClass.SMALL: nbs.small.model_dump(exclude_none=True),
    }
    if size == SizeClass.UNKNOWN and rng.random() < 0.5:
        return None
    wanted = SizeClass.MEDIUM if size == SizeClass.UNKNOWN else size
    above = {SizeClass.MEDIUM: SizeClass.LARGE, SizeClass.SMALL: SizeClass.MEDIUM, SizeClass.MICRO: SizeClass.SMALL}
    figures: dict[str, int | None] = {"employees": None, "revenue": None, "assets": None}
    for name, top in limits[SizeClass.LARGE].items():
        low = 1 if wanted == SizeClass.MICRO else limits[wanted][name]
        high = top * 4 if wanted == SizeClass.LARGE else limits[above[wanted]][name] - 1
        figures[name] = rng.randint(low, high)
    if size == SizeClass.UNKNOWN:
        figures[rng.choice(list(limits[SizeClass.LARGE]))] = None
    return {
        "year": year,
        "employees": figures["employees"],
        "revenue_wan": figures["revenue"],
        "assets_wan": figures["assets"],
        "nbs_industry": nbs.name,
    }
