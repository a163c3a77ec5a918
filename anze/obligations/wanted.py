"""A typed question as the parameters of an address: of the HTTP calls and of the console's pages alike."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from anze.errors import DomainError
from anze.hazards.models import HazardLevel
from anze.obligations.query import FIRST, LAST, Filters, Group, When, Window, Word
from anze.obligations.query import Query as Question
from anze.policies.models import Sector, SizeClass


class Wanted(BaseModel):
    """A typed question, as query parameters."""

    window: When = When.NOW
    first: date | None = None
    last: date | None = None
    branch: list[Annotated[int, Field(ge=1, le=2**31 - 1)]] = []
    province: Annotated[list[Word], Field(max_length=50)] = []
    sector: list[Sector] = []
    not_sector: list[Sector] = []
    size_class: list[SizeClass] = []
    not_size_class: list[SizeClass] = []
    item: list[Literal["a", "b", "c", "d", "e", "f", "g"]] = []
    provider: list[Annotated[int, Field(ge=1, le=2**31 - 1)]] = []
    insured: list[Annotated[int, Field(ge=1, le=2**31 - 1)]] = []
    level: list[HazardLevel] = []
    part: Annotated[list[Word], Field(max_length=50)] = []
    everything: bool = False
    group: Group | None = None
    order: Literal["due", "name", "count"] = "due"
    descending: bool = False
    limit: Annotated[int | None, Field(ge=1, le=10_000)] = None
    edition: Annotated[str | None, Field(max_length=60)] = None
    """The key of an edition; else the one in force on the day"""
    as_of: Annotated[date | None, Field(ge=FIRST, le=LAST)] = None

    @classmethod
    def of(cls, query: Question) -> "Wanted":
        """A typed question as parameters; but that a share is asked for, which changes only how it is told."""
        filters = query.filters
        return cls(
            window=query.window.kind, first=query.window.first, last=query.window.last,
            branch=list(filters.branch_ids), province=list(filters.provinces),
            sector=[Sector(one) for one in filters.sectors], not_sector=[Sector(one) for one in filters.not_sectors],
            size_class=[SizeClass(one) for one in filters.sizes],
            not_size_class=[SizeClass(one) for one in filters.not_sizes],
            item=list(filters.items), provider=list(filters.provider_ids), insured=list(filters.insured_ids),
            level=[HazardLevel(one) for one in filters.levels], part=list(filters.parts), everything=filters.all_parts,
            group=query.group, order=query.order, descending=query.descending, limit=query.limit,
        )  # fmt: skip

    def parameters(self) -> list[tuple[str, str]]:
        """Names and values of what is not as it is without them, for an address."""
        found = self.model_dump(mode="json", exclude_defaults=True)
        flat = [(name, one) for name, value in found.items() for one in (value if isinstance(value, list) else [value])]
        return [(name, str(value).lower() if isinstance(value, bool) else str(value)) for name, value in flat]

    def question(self, rule: str) -> Question:
        """Raises DomainError obligation_window: a calendar year without its first day."""
        if self.window is When.CALENDAR_YEAR and self.first is None:
            raise DomainError("obligation_window", 422)
        filters = Filters(
            branch_ids=tuple(self.branch), provinces=tuple(self.province), sectors=_values(self.sector),
            not_sectors=_values(self.not_sector), sizes=_values(self.size_class),
            not_sizes=_values(self.not_size_class),
            items=tuple(self.item), provider_ids=tuple(self.provider), insured_ids=tuple(self.insured),
            levels=_values(self.level), parts=tuple(self.part), all_parts=self.everything,
        )  # fmt: skip
        window = Window(self.window, self.first, self.last)
        return Question(rule, window, filters, self.group, self.order, self.descending, self.limit)


def _values(chosen: list[Any]) -> tuple[str, ...]:
    return tuple(one.value for one in chosen)
