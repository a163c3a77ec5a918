"""What the page of a duty asks: its address, its controls and the question of the HTTP call are one and the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.console.words import say
from anze.hazards.models import HazardLevel
from anze.identity.branches import branches_of
from anze.identity.models import Branch
from anze.identity.speaker import Speaker
from anze.obligations import wording
from anze.obligations.compiling import Status
from anze.obligations.query import FIRST, LAST, Group, Query, When
from anze.obligations.relations import RELATIONS
from anze.obligations.wanted import Wanted
from anze.policies.models import Sector, SizeClass
from anze.providers.models import Provider
from anze.standard.models import Check

type Choices = dict[str, dict[str, str]]
"""Control → value → words; the first value is what an address without it means."""

EVERYTHING = "everything"
"""Chosen as a result: done or not"""
STRETCHES = frozenset({When.BETWEEN, When.DUE, When.ENDED})
_YEARS, _MOST_PAGES, _ID_DIGITS = 5, 100_000, 10
_GROUPS = (Group.BRANCH, Group.PROVINCE, Group.SECTOR, Group.SIZE, Group.MONTH, Group.PROVIDER, Group.ITEM)
_FACTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "sector": ("sector", tuple(Sector)), "not_sector": ("sector", tuple(Sector)),
    "size_class": ("size", tuple(SizeClass)), "not_size_class": ("size", tuple(SizeClass)),
    "item": ("item", tuple("abcdefg")), "level": ("level", tuple(HazardLevel)),
}  # fmt: skip
"""Control → the fact of the relation that it chooses by, and its values"""
_COLUMN = {Group.PROVIDER: "provider_id"}
MANY = ("branch", "province", *_FACTS, "provider", "part")
"""Controls of which several values can be chosen; none stands for all (of the results: for what is not done)"""
_KEPT = ("edition", "insured", "order", "descending", "limit")
"""What a question from the chat may hold beside; it has no control, is said in the first line, and stays"""


@dataclass(frozen=True)
class Within:
    """What the speaker may choose among: by id or name."""

    branches: Mapping[str, str]
    provinces: Mapping[str, str]
    providers: Mapping[str, str]


def within(session: Session, speaker: Speaker) -> Within:
    """The branches that the speaker may see with their provinces, and the providers."""
    own = session.scalars(select(Branch).where(Branch.id.in_(branches_of(speaker))).order_by(Branch.path)).all()
    providers = session.execute(select(Provider.id, Provider.short_name).order_by(Provider.short_name))
    return Within(
        {str(branch.id): branch.name for branch in own},
        {branch.province: branch.province for branch in own if branch.province},
        {str(id_): name for id_, name in providers},
    )


def choices(check: Check, names: Within, today: date) -> Choices:
    """What can be chosen for a check: nothing that its subjects do not know, as that would only find nothing."""
    relation = RELATIONS[check.subject]
    kinds = [When.NOW, When.CALENDAR_YEAR, When.BETWEEN, When.DUE, *([When.ENDED] if relation.period else [])]
    own = {part.key: part.name for part in check.parts} or {str(one): wording.say(f"status.{one}") for one in Status}
    groups = [one for one in _GROUPS if one in {Group.BRANCH, Group.MONTH} or _COLUMN.get(one, one.value) in
              relation.dimensions]  # fmt: skip
    whole = "period" if relation.period else "single"
    found = {
        "window": {str(kind): say(f"duties.windows.{whole}.{kind}") for kind in kinds},
        "year": {str(year): say("duties.year_of", year=year) for year in range(today.year, today.year - _YEARS, -1)},
        "part": {EVERYTHING: say("duties.everything")} | own,
        "branch": dict(names.branches),
    }
    if "province" in relation.dimensions:
        found["province"] = dict(names.provinces)
    for name, (fact, values) in _FACTS.items():
        if fact in relation.dimensions:
            found[name] = {value: wording.value_name(fact, value) for value in map(str, values)}
    if "provider_id" in relation.dimensions:
        found["provider"] = dict(names.providers)
    found["group"] = {"": say("duties.no_group")} | {str(one): wording.say(f"group.{one}") for one in groups}
    return found


@dataclass
class Asked:
    """The state of one page. `chosen`: control → value, or values; days as ISO. What is none of the choices counts
    as nothing. `kept`: parameters without a control.
    """

    rule: str
    choices: Choices
    today: date
    chosen: dict[str, Any]
    kept: tuple[tuple[str, str], ...] = ()
    page: int = 1

    @classmethod
    def of(cls, rule: str, choices: Choices, today: date, given: Sequence[tuple[str, str]]) -> "Asked":
        """From the parameters of an address."""
        chosen: dict[str, Any] = {name: [value for key, value in given if key == name] for name in MANY}
        chosen |= {name: value for name, value in given if name not in MANY}
        if chosen.get("window") == When.CALENDAR_YEAR:
            chosen["year"] = chosen.get("first", "")[:4]
        if chosen.get("everything") == "true":
            chosen["part"] = [EVERYTHING]
        asked = cls(rule, choices, today, {}, tuple((name, value) for name, value in given if name in _KEPT))
        if not asked._readable():
            asked.kept = ()
        asked.take(chosen, page_of(chosen.get("page", "")))
        return asked

    def _readable(self) -> bool:
        """Whether what has no control is a question's."""
        try:
            Wanted.model_validate(_by_name(self.kept))
        except ValidationError:
            return False
        return True

    def take(self, given: Mapping[str, Any], page: int = 1) -> None:
        """What the controls hold now."""
        for name, options in self.choices.items():
            if name in MANY:
                self.chosen[name] = [value for value in given.get(name) or () if value in options]
            else:
                value = str(given.get(name) or "")
                self.chosen[name] = value if value in options else next(iter(options))
        for name in ("first", "last", "as_of"):
            found = day_of(given.get(name))
            self.chosen[name] = found.isoformat() if found else ""
        if not self.chosen["first"] and not self.chosen["last"]:
            self.chosen |= {"first": f"{self.today.year}-01-01", "last": f"{self.today.year}-12-31"}
        self.page = page

    @property
    def as_of(self) -> date | None:
        return day_of(self.chosen["as_of"])

    @property
    def fields(self) -> list[tuple[str, str]]:
        """The query parameters of `GET /api/staff/obligations/{rule}`, those that change something."""
        chosen, window = self.chosen, self.chosen["window"]
        found = [] if window == When.NOW else [("window", window)]
        if window == When.CALENDAR_YEAR:
            found += [("first", f"{chosen['year']}-01-01"), ("last", f"{chosen['year']}-12-31")]
        elif window in STRETCHES:
            found += [(name, chosen[name]) for name in ("first", "last") if chosen[name]]
        everything = EVERYTHING in chosen["part"]
        found += [("everything", "true")] if everything else []
        several = [name for name in MANY if name in self.choices and not (everything and name == "part")]
        found += [(name, value) for name in several for value in chosen[name]]
        return found + [(name, chosen[name]) for name in ("group", "as_of") if chosen[name]] + list(self.kept)

    @property
    def wanted(self) -> Wanted:
        """As the HTTP call reads the same parameters."""
        return Wanted.model_validate(_by_name(self.fields))

    @property
    def address(self) -> str:
        query = urlencode([*self.fields, *([("page", str(self.page))] if self.page > 1 else [])])
        return f"/staff/duties/{self.rule}" + (f"?{query}" if query else "")

    def file(self, form: str) -> str:
        """Where the same rows are as a file."""
        return f"/api/staff/obligations/{self.rule}/file?{urlencode([*self.fields, ('form', form)])}"


def address_of(query: Query) -> str:
    """The page that shows a question."""
    return f"/staff/duties/{query.check}?{urlencode(Wanted.of(query).parameters())}".removesuffix("?")


def _by_name(fields: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Parameters as the HTTP call reads them: lists of what may be several."""
    several = {*MANY, "insured"}
    found: dict[str, Any] = {}
    for name, value in fields:
        found[name] = [*found.get(name, ()), value] if name in several else value
    return found


def day_of(given: Any) -> date | None:
    """A day in ISO form that may be asked about; None for anything else."""
    try:
        found = date.fromisoformat(str(given or ""))
    except ValueError:
        return None
    return found if FIRST <= found <= LAST else None


def page_of(given: str) -> int:
    """A page's number; the first for anything else."""
    number = int(given) if given.isascii() and given.isdigit() and len(given) < _ID_DIGITS else 1
    return max(1, min(number, _MOST_PAGES))
