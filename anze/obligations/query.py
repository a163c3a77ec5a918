"""A question about a duty, typed: which check, which time, whose, how shown. Pure; kept in a talk as plain JSON."""

from dataclasses import asdict, dataclass, field, replace
from datetime import date
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, TypeAdapter

FIRST, LAST = date(2000, 1, 1), date(2099, 12, 31)
"""Days that may be asked about"""
Id = Annotated[int, Field(ge=1, le=2**31 - 1)]
Word = Annotated[str, StringConstraints(max_length=100, pattern=r"^[^\x00]*$")]
Many = Field(max_length=200)


class When(StrEnum):
    """现在在保的保单年度 · 自然年 · 这段时间里发生的 · 这段时间里到期的 · 这段时间里结束的保单年度."""

    NOW = "now"
    CALENDAR_YEAR = "calendar_year"
    BETWEEN = "between"
    DUE = "due"
    ENDED = "ended"


@dataclass(frozen=True)
class Window:
    """`first` and `last` belong to it; `name` says it as the person did (上季度)."""

    kind: When = When.NOW
    first: date | None = None
    last: date | None = None
    name: Word = ""

    @property
    def year(self) -> int | None:
        """The calendar year, where one is meant."""
        return self.first.year if self.kind is When.CALENDAR_YEAR and self.first else None


class Group(StrEnum):
    """分公司 · 省 · 行业 · 规模 · 机构 · 服务项目 · 月份 · 结果 · 企业."""

    BRANCH = "branch"
    PROVINCE = "province"
    SECTOR = "sector"
    SIZE = "size"
    PROVIDER = "provider"
    ITEM = "item"
    MONTH = "month"
    PART = "part"
    INSURED = "insured"


@dataclass(frozen=True)
class Filters:
    """Values that are meant; empty: all. `not_…`: left out. `branch_ids`: each with the tree below it."""

    branch_ids: Annotated[tuple[Id, ...], Many] = ()
    provinces: Annotated[tuple[Word, ...], Many] = ()
    sectors: Annotated[tuple[Word, ...], Many] = ()
    not_sectors: Annotated[tuple[Word, ...], Many] = ()
    sizes: Annotated[tuple[Word, ...], Many] = ()
    not_sizes: Annotated[tuple[Word, ...], Many] = ()
    items: Annotated[tuple[Word, ...], Many] = ()
    provider_ids: Annotated[tuple[Id, ...], Many] = ()
    insured_ids: Annotated[tuple[Id, ...], Many] = ()
    levels: Annotated[tuple[Word, ...], Many] = ()
    parts: Annotated[tuple[Word, ...], Many] = ()
    """Parts of the answer, or statuses; empty: what is asked for (not done yet)"""
    all_parts: bool = False
    """Everything, done or not"""


@dataclass(frozen=True)
class Query:
    """`order`: due (the most pressing first), name, count (groups). `limit`: the first so many; None: all."""

    check: Word
    window: Window = field(default_factory=Window)
    filters: Filters = field(default_factory=Filters)
    group: Group | None = None
    order: Literal["due", "name", "count"] = "due"
    descending: bool = False
    limit: Annotated[int | None, Field(ge=1, le=10_000)] = None
    share: bool = False
    """The share of what is done is asked for (完成率)"""

    def to_json(self) -> dict[str, Any]:
        """For a slot or a row."""
        found = asdict(self)
        window = found["window"]
        for name in ("first", "last"):
            window[name] = window[name].isoformat() if window[name] else None
        found["filters"] = {name: list(value) if isinstance(value, tuple) else value
                            for name, value in found["filters"].items() if value}  # fmt: skip
        return found

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Query":
        """What `to_json` gave. Raises pydantic's ValidationError, a ValueError, for anything else."""
        return _reader().validate_python(kept)

    def narrowed(self, **filters: Any) -> "Query":
        """The same with other filters."""
        return replace(self, filters=replace(self.filters, **filters))


@cache
def _reader() -> TypeAdapter[Query]:
    return TypeAdapter(Query)
