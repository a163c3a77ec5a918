"""What a relation of subjects is: rows that a duty may be about, with named facts that rules in knowledge/ speak of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery

from anze.clock import SHANGHAI
from anze.policies.models import Insured, Policy


@dataclass(frozen=True)
class Asked:
    """What a relation depends on beside the rows: the day, and for yearly subjects the calendar year, if that is meant.

    `today`: records of a later day are not seen. `year`: None stands for policy years (AMB-15).
    """

    today: date
    year: int | None = None

    def seen(self, instant: Any) -> ColumnElement[bool]:
        """What was recorded up to the end of the day; compared as it is stored, without a date worked out for each."""
        midnight = datetime.combine(self.today + timedelta(days=1), time(), SHANGHAI)
        found: ColumnElement[bool] = instant < midnight
        return found


@dataclass(frozen=True)
class Relation:
    """`build` gives a select whose columns are the facts. `shown`: facts of the table people read, in order.

    Every relation has `id`, `number` (how people name a subject), `branch_id`, and `day`, by which a window of time
    chooses. `period`: it has `from_on`, `to_on` and `phase` instead (current, coming, ended, ended_early).
    """

    name: str
    build: Callable[[Asked], Select[Any]]
    shown: tuple[str, ...]
    dimensions: frozenset[str] = frozenset({"sector", "size", "province", "insured_id"})
    """What it can be filtered and grouped by, beside the branch"""
    period: bool = False
    kinds: Mapping[str, str] = field(default_factory=dict)
    """Facts whose values have names in the texts: fact → group of names"""

    def facts(self, asked: Asked) -> Subquery:
        return self.build(asked).subquery(self.name)


def firm() -> list[ColumnElement[Any]]:
    """The facts of the insured that every relation about one has; `reference` marks 参照执行 (1)."""
    return [
        Insured.id.label("insured_id"), Insured.name.label("insured"), Insured.sector.label("sector"),
        Insured.industry.label("industry"), Insured.size_class.label("size"), Insured.province.label("province"),
        Insured.city.label("city"), (Insured.sector == "other").label("reference"),
    ]  # fmt: skip


def contract() -> list[ColumnElement[Any]]:
    """The facts of the policy."""
    return [Policy.number.label("policy"), Policy.id.label("policy_id"), Policy.branch_id.label("branch_id")]
