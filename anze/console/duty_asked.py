"""What the page of a duty asks: its address, its controls and the question of the HTTP call are one and the same."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.console.words import say
from anze.identity.branches import branches_of
from anze.identity.models import Branch
from anze.identity.speaker import Speaker
from anze.obligations import wording
from anze.obligations.api import Wanted
from anze.obligations.compiling import Status
from anze.obligations.query import FIRST, LAST, Group, When
from anze.obligations.relations import RELATIONS
from anze.policies.models import Sector, SizeClass
from anze.standard.models import Check

type Choices = dict[str, dict[str, str]]
"""Control → value → words; the first value is what an address without it means."""

EVERYTHING = "everything"
"""Chosen as a result: done or not"""
STRETCHES = frozenset({When.BETWEEN, When.DUE, When.ENDED})
_YEARS, _MOST_PAGES, _ID_DIGITS = 5, 100_000, 10
_GROUPS = (Group.BRANCH, Group.SECTOR, Group.SIZE, Group.MONTH, Group.PROVIDER, Group.ITEM)
_FACTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "sector": ("sector", tuple(Sector)), "size_class": ("size", tuple(SizeClass)), "item": ("item", tuple("abcdefg")),
}  # fmt: skip
"""Control → the fact of the relation that it chooses by, and its values"""
_COLUMN = {Group.PROVIDER: "provider_id"}
_MANY = frozenset({"branch", "part", *_FACTS})
"""What the HTTP call takes several of"""


def branches(session: Session, speaker: Speaker) -> dict[str, str]:
    """The branches that the speaker may see, by id; the first stands for all of them."""
    within = session.scalars(select(Branch).where(Branch.id.in_(branches_of(speaker))).order_by(Branch.path))
    return {"": say("duties.all_branches")} | {str(branch.id): branch.name for branch in within}


def choices(check: Check, within: dict[str, str], today: date) -> Choices:
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
        "branch": within,
        "part": {"": check.undone, EVERYTHING: say("duties.everything")} | own,
    }
    for name, (fact, values) in _FACTS.items():
        if fact in relation.dimensions:
            words = {value: wording.value_name(fact, value) for value in map(str, values)}
            found[name] = {"": say(f"duties.any.{name}")} | words
    found["group"] = {"": say("duties.no_group")} | {str(one): wording.say(f"group.{one}") for one in groups}
    return found


@dataclass
class Asked:
    """The state of one page. `chosen`: control → value, days as ISO; what is none of the choices counts as nothing."""

    rule: str
    choices: Choices
    today: date
    chosen: dict[str, str]
    page: int = 1

    @classmethod
    def of(cls, rule: str, choices: Choices, today: date, given: Mapping[str, str]) -> "Asked":
        """From an address."""
        chosen = dict(given)
        if chosen.get("window") == When.CALENDAR_YEAR:
            chosen["year"] = chosen.get("first", "")[:4]
        if chosen.get("everything") == "true":
            chosen["part"] = EVERYTHING
        asked = cls(rule, choices, today, {})
        asked.take(chosen, page_of(given.get("page", "")))
        return asked

    def take(self, given: Mapping[str, Any], page: int = 1) -> None:
        """What the controls hold now."""
        for name, options in self.choices.items():
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
    def fields(self) -> dict[str, str]:
        """The query parameters of `GET /api/staff/obligations/{rule}`, those that change something."""
        chosen, window = self.chosen, self.chosen["window"]
        found = {} if window == When.NOW else {"window": window}
        if window == When.CALENDAR_YEAR:
            found |= {"first": f"{chosen['year']}-01-01", "last": f"{chosen['year']}-12-31"}
        elif window in STRETCHES:
            found |= {name: chosen[name] for name in ("first", "last") if chosen[name]}
        if chosen["part"] == EVERYTHING:
            found["everything"] = "true"
        names = ("branch", *_FACTS, "group", "as_of", *(() if chosen["part"] == EVERYTHING else ("part",)))
        return found | {name: value for name in names if (value := chosen.get(name))}

    @property
    def wanted(self) -> Wanted:
        """As the HTTP call reads the same parameters."""
        return Wanted.model_validate({name: [value] if name in _MANY else value for name, value in self.fields.items()})

    @property
    def address(self) -> str:
        query = urlencode(self.fields | ({"page": str(self.page)} if self.page > 1 else {}))
        return f"/staff/duties/{self.rule}" + (f"?{query}" if query else "")

    def file(self, form: str) -> str:
        """Where the same rows are as a file."""
        return f"/api/staff/obligations/{self.rule}/file?{urlencode(self.fields | {'form': form})}"


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
