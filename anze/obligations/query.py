"""A question about a duty, typed: which check, which time, whose, how shown. Pure; kept in a talk as plain JSON."""

from dataclasses import asdict, dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any


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
    name: str = ""

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

    branch_ids: tuple[int, ...] = ()
    provinces: tuple[str, ...] = ()
    sectors: tuple[str, ...] = ()
    not_sectors: tuple[str, ...] = ()
    sizes: tuple[str, ...] = ()
    not_sizes: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    provider_ids: tuple[int, ...] = ()
    insured_ids: tuple[int, ...] = ()
    levels: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    """Parts of the answer, or statuses; empty: what is asked for (not done yet)"""
    all_parts: bool = False
    """Everything, done or not"""


@dataclass(frozen=True)
class Query:
    """`order`: due (the most pressing first), name, count (groups). `limit`: the first so many; None: all."""

    check: str
    window: Window = field(default_factory=Window)
    filters: Filters = field(default_factory=Filters)
    group: Group | None = None
    order: str = "due"
    descending: bool = False
    limit: int | None = None
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
        """What `to_json` gave. Raises KeyError, TypeError, ValueError for anything else."""
        window = kept["window"]
        days = {name: date.fromisoformat(window[name]) if window[name] else None for name in ("first", "last")}
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in kept["filters"].items()
        }
        filters = Filters(**values)
        return cls(
            check=kept["check"],
            window=Window(When(window["kind"]), name=window["name"], **days),
            filters=filters,
            group=Group(kept["group"]) if kept["group"] else None,
            order=kept["order"],
            descending=kept["descending"],
            limit=kept["limit"],
            share=kept["share"],
        )

    def narrowed(self, **filters: Any) -> "Query":
        """The same with other filters."""
        return replace(self, filters=replace(self.filters, **filters))
