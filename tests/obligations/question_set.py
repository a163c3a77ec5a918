"""The set of staff questions with the query that each means, and how one reading is judged."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any
from zlib import crc32

import yaml

from anze.calendar.data import CalendarStore
from anze.calendar.rules import WorkCalendar
from anze.clock import SHANGHAI
from anze.obligations.asking.model import Asked, Names, Reading
from anze.obligations.asking.reading import read
from anze.obligations.query import Filters, Group, Query, When, Window
from anze.settings import Settings
from anze.standard.editions import load

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=SHANGHAI)
_FIRST, _LATER, _LAST = (Path(__file__).with_name(f"questions{name}.yml") for name in ("", "_later", "_unseen"))
_IDS = {"branches": "branch_ids", "providers": "provider_ids", "insureds": "insured_ids"}
_PROBLEMS = {"not_staff_data": "personal"}
_MAJOR = frozenset({"hazard_date", "hazard_reported"})


class Part(StrEnum):
    """What was done with a question: words were tuned on it; it was measured first and looked at then; it was measured
    and never looked at."""

    TUNED = "tuned"
    LATER = "later"
    UNSEEN = "unseen"


@dataclass(frozen=True)
class Row:
    """One entry, to which part of the set it belongs, and what it may follow, by text."""

    entry: Mapping[str, Any]
    part: Part
    beside: Mapping[str, Mapping[str, Any]]

    @property
    def text(self) -> str:
        return str(self.entry["text"])


@cache
def rows() -> tuple[Row, ...]:
    """All questions. Of the first file every fourth was looked at last, of the last one every second never was."""
    return (
        *_rows(_FIRST, lambda mark: Part.LATER if mark % 4 == 3 else Part.TUNED),
        *_rows(_LATER, lambda _: Part.LATER),
        *_rows(_LAST, lambda mark: Part.UNSEEN if mark % 2 else Part.LATER),
    )


def _rows(file: Path, part: Callable[[int], Part]) -> Iterator[Row]:
    entries = _entries(file)
    beside = {entry["text"]: entry for entry in [*_entries(_FIRST), *entries]}
    return (Row(entry, part(crc32(entry["text"].encode())), beside) for entry in entries)


@cache
def _entries(file: Path) -> list[Mapping[str, Any]]:
    loaded: list[Mapping[str, Any]] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return loaded


def query_of(row: Row, names: Names) -> Query | None:
    """The query that an entry means; an action's is that of the entry before it."""
    entry = row.entry
    if "check" not in entry:
        return query_of(_before(row), names) if "after" in entry else None
    window = entry.get("window", {"kind": "now"})
    days = {name: _date(window.get(name)) for name in ("first", "last")}
    known = {"branch_ids": names.branches, "provider_ids": names.providers, "insured_ids": names.insureds}
    filters: dict[str, Any] = {}
    for name, value in entry.get("filters", {}).items():
        key = _IDS.get(name, name)
        values = [known[key][one] for one in value] if key in known else value
        filters[key] = tuple(values) if isinstance(values, list) else values
    return Query(
        entry["check"], Window(When(window["kind"]), **days), Filters(**filters),
        Group(entry["group"]) if entry.get("group") else None, entry.get("order", "due"),
        entry.get("descending", False), entry.get("limit"), entry.get("share", False),
    )  # fmt: skip


def _before(row: Row) -> Row:
    return replace(row, entry=row.beside[row.entry["after"]])


def _date(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value


@cache
def _store() -> CalendarStore:
    return CalendarStore(Settings().knowledge, Settings().data)


def calendar() -> WorkCalendar:
    """The shipped working days."""
    return _store().calendar()


def reading(row: Row, names: Names) -> Reading:
    last = query_of(_before(row), names) if "after" in row.entry else None
    return read(Asked(row.text, NOW, calendar(), load().check, names, last))


def right(row: Row, found: Reading, names: Names) -> bool:
    """Whether a reading is what the entry says: rule, window, filters, group, order; or the action, or the refusal."""
    entry = row.entry
    if "ask" in entry:
        return _rightly_asked(entry, found)
    if "action" in entry:
        if found.action != entry["action"]:
            return False
        return "check" not in entry or _same(query_of(row, names), found.query)
    return _same(query_of(row, names), found.query)


def _rightly_asked(entry: Mapping[str, Any], found: Reading) -> bool:
    wanted = _PROBLEMS.get(entry["ask"], entry["ask"])
    if found.query is not None or found.action is not None:
        return False
    # Not knowing the words and knowing two duties that fit are both asked back; numbers are given in neither case.
    if wanted in {"no_check", "ambiguous"}:
        return found.problem in {"no_check", "ambiguous"} and set(entry.get("between", ())) <= set(found.choices)
    return found.problem == wanted


def _same(wanted: Query | None, found: Query | None) -> bool:
    if wanted is None or found is None:
        return wanted is found
    return _plain(wanted) == _plain(found)


def _plain(query: Query) -> Query:
    filters = {name: tuple(sorted(value)) if isinstance(value, tuple) else value
               for name, value in vars(query.filters).items()}  # fmt: skip
    if query.check in _MAJOR and filters["levels"] == ("major",):
        filters["levels"] = ()
    return replace(query, window=replace(query.window, name=""), filters=Filters(**filters))
