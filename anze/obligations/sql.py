"""What the two databases write differently: the Shanghai day of an instant, days between, lists, working-day terms."""

import json
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import CTE, Boolean, ColumnElement, Date, String, cast, func, literal, select, type_coerce
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from anze.calendar.rules import WorkCalendar

_FIRST_DAY = date(2018, 1, 1)
"""Nothing that the standard asks for began before it was drafted; earlier days have no term."""


class shanghai_day(FunctionElement[date]):  # noqa: N801 - an SQL function
    """The Shanghai date of an instant; NULL stays NULL."""

    type = Date()
    inherit_cache = True


@compiles(shanghai_day, "sqlite")
def _(element: Any, compiler: Any, **kw: Any) -> str:
    return f"date({compiler.process(element.clauses, **kw)}, '+8 hours')"


@compiles(shanghai_day, "postgresql")
def _(element: Any, compiler: Any, **kw: Any) -> str:
    # By its offset, the same for every day since 1992: PostgreSQL takes five times as long to look a zone's name up.
    return f"(({compiler.process(element.clauses, **kw)}) AT TIME ZONE INTERVAL '+08:00')::date"


class plus_days(FunctionElement[date]):  # noqa: N801 - an SQL function
    """A date so many calendar days later."""

    type = Date()
    inherit_cache = True


@compiles(plus_days, "sqlite")
def _(element: Any, compiler: Any, **kw: Any) -> str:
    day, days = (compiler.process(one, **kw) for one in element.clauses)
    return f"date({day}, '+' || {days} || ' days')"


@compiles(plus_days, "postgresql")
def _(element: Any, compiler: Any, **kw: Any) -> str:
    day, days = (compiler.process(one, **kw) for one in element.clauses)
    return f"({day} + {days})"


class month_of(FunctionElement[str]):  # noqa: N801 - an SQL function
    """A date's month as 2026-11."""

    type = String()
    inherit_cache = True


@compiles(month_of, "sqlite")
def _(element: Any, compiler: Any, **kw: Any) -> str:
    return f"strftime('%Y-%m', {compiler.process(element.clauses, **kw)})"


@compiles(month_of, "postgresql")
def _(element: Any, compiler: Any, **kw: Any) -> str:
    return f"to_char({compiler.process(element.clauses, **kw)}, 'YYYY-MM')"


class day_of_year(FunctionElement[str]):  # noqa: N801 - an SQL function
    """A date's month and day as 11-23."""

    type = String()
    inherit_cache = True


@compiles(day_of_year, "sqlite")
def _(element: Any, compiler: Any, **kw: Any) -> str:
    return f"strftime('%m-%d', {compiler.process(element.clauses, **kw)})"


@compiles(day_of_year, "postgresql")
def _(element: Any, compiler: Any, **kw: Any) -> str:
    return f"to_char({compiler.process(element.clauses, **kw)}, 'MM-DD')"


class has_members(FunctionElement[bool]):  # noqa: N801 - an SQL function
    """Whether a JSON list has at least one member."""

    type = Boolean()
    inherit_cache = True


@compiles(has_members, "sqlite")
def _(element: Any, compiler: Any, **kw: Any) -> str:
    return f"(json_array_length({compiler.process(element.clauses, **kw)}) > 0)"


@compiles(has_members, "postgresql")
def _(element: Any, compiler: Any, **kw: Any) -> str:
    return f"(jsonb_array_length({compiler.process(element.clauses, **kw)}) > 0)"


def said(column: Any) -> ColumnElement[bool]:
    """Something is written there."""
    return func.coalesce(func.length(func.trim(column)), 0) > 0


def working_day_terms(dialect: str, calendar: WorkCalendar, days: int, until: date) -> CTE:
    """A relation (`day`, `last`: the last day of a term of so many working days from it) to join with.

    It is handed over as one parameter, so that it is always what the calendar says now and no table can lag behind.
    """
    pairs = _terms(calendar, days, until.year + 1)
    if dialect == "sqlite":
        each = func.json_each(pairs).table_valued("key", "value", name="each")
        day: Any = type_coerce(each.c.key, Date)
        last: Any = type_coerce(each.c.value, Date)
    else:
        each = func.jsonb_each_text(cast(literal(pairs, String), JSONB)).table_valued("key", "value", name="each")
        day, last = cast(each.c.key, Date), cast(each.c.value, Date)
    # Materialised, so that SQLite puts an index on it for the join.
    return select(day.label("day"), last.label("last")).cte(f"term_{days}").prefix_with("MATERIALIZED")


@lru_cache(maxsize=8)
def _terms(calendar: WorkCalendar, days: int, last_year: int) -> str:
    count = (date(last_year, 12, 31) - _FIRST_DAY).days + 1
    starts = (_FIRST_DAY + timedelta(days=n) for n in range(count))
    return json.dumps({day.isoformat(): calendar.add_workdays(day, days).date.isoformat() for day in starts})
