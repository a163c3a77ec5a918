"""Year tables from files: knowledge/holidays/<year>.yml, overlaid by the operator's <data>/holidays/<year>.yml."""

import logging
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Self

import yaml
from pydantic import BeforeValidator, Field, ValidationError, field_validator, model_validator
from pydantic_core import PydanticCustomError

from anze.calendar.rules import SATURDAY, WorkCalendar, YearTable
from anze.calendar.terms import Frozen
from anze.texts import text

log = logging.getLogger(__name__)

OFF_DAYS_PLAUSIBLE = range(15, 46)
MAKEUP_WORKDAYS_PLAUSIBLE = range(13)
"""Since 2008 the notices gave 24 to 33 rest days and 3 to 8 make-up days; far outside these a file is mistyped."""

type Stamp = tuple[tuple[str, int, int], ...]


class HolidayFileError(Exception):
    """A holiday file that cannot be used; the message is one Chinese line that says what to correct."""


class Notice(Frozen):
    """A State Council notice; the number only where it is known for sure."""

    number: str | None = None
    title: str | None = None
    issued: date | None = None


def _named(value: Any) -> Any:
    """A plain list of dates is allowed; such rest days carry the general name."""
    return dict.fromkeys(value, text("holidays.unnamed")) if isinstance(value, list) else value


def _numbered(value: Any) -> Any:
    """A notice may be given as its number alone."""
    return {"number": value} if isinstance(value, str) else value


class YearFile(Frozen):
    """One year's notice as a file. `off_days`: every rest day by date with the festival's name, weekends included.

    `makeup_workdays`: weekend days that are worked. Both may reach into the last days of December before and the first
    days of January after the year, as the notices do.
    """

    year: Annotated[int, Field(ge=1990, le=2100)]
    notice: Annotated[Notice | None, BeforeValidator(_numbered)] = None
    amendments: tuple[Notice, ...] = ()
    off_days: Annotated[dict[date, str], BeforeValidator(_named)]
    makeup_workdays: tuple[date, ...]

    @field_validator("makeup_workdays")
    @classmethod
    def _weekends_once(cls, days: tuple[date, ...]) -> tuple[date, ...]:
        for day in days:
            if day.weekday() < SATURDAY:
                raise PydanticCustomError("makeup_not_weekend", "{day}", {"day": day.isoformat()})
            if days.count(day) > 1:
                raise PydanticCustomError("twice", "{day}", {"day": day.isoformat()})
        return days

    @model_validator(mode="after")
    def _plausible(self) -> Self:
        first, last = date(self.year - 1, 12, 25), date(self.year + 1, 1, 5)
        for day in (*self.off_days, *self.makeup_workdays):
            if not first <= day <= last:
                raise PydanticCustomError("outside_year", "{day}", {"day": day.isoformat(), "year": self.year})
        for day in self.makeup_workdays:
            if day in self.off_days:
                raise PydanticCustomError("both", "{day}", {"day": day.isoformat()})
        counts = len(self.off_days), len(self.makeup_workdays)
        if counts[0] not in OFF_DAYS_PLAUSIBLE or counts[1] not in MAKEUP_WORKDAYS_PLAUSIBLE:
            raise PydanticCustomError("implausible", "counts", {"off_days": counts[0], "makeup_workdays": counts[1]})
        return self

    def table(self) -> YearTable:
        """The year for the pure rules."""
        number = self.notice.number if self.notice else None
        return YearTable(self.year, self.off_days, frozenset(self.makeup_workdays), number)


def read_year(file: Path) -> YearFile:
    """One holiday file, validated. Raises HolidayFileError."""
    try:
        return YearFile.model_validate(yaml.load(file.read_text(encoding="utf-8"), _UniqueKeys))  # noqa: S506 - safe
    except (OSError, UnicodeDecodeError) as error:
        raise HolidayFileError(text("holidays.unreadable", file=file)) from error
    except yaml.YAMLError as error:
        raise HolidayFileError(text("holidays.not_yaml", file=file)) from error
    except ValidationError as error:
        raise HolidayFileError(text("holidays.invalid", file=file, why=_why(error))) from error


class _UniqueKeys(yaml.SafeLoader):
    """A date typed twice in a mapping is an error, not a silent overwrite."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        if len(keys) != len(set(keys)):
            raise yaml.constructor.ConstructorError(None, None, "a key occurs twice", node.start_mark)
        return super().construct_mapping(node, deep)


def _why(error: ValidationError) -> str:
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"]) or "?"
    own = {"makeup_not_weekend", "twice", "outside_year", "both", "implausible", "missing", "extra_forbidden"}
    kind = first["type"] if first["type"] in own else "malformed"
    return text(f"holidays.why.{kind}", where=where, **first.get("ctx", {}))


def _files(*folders: Path) -> Iterator[Path]:
    for folder in folders:
        yield from sorted(folder.glob("[0-9][0-9][0-9][0-9].yml"))


class CalendarStore:
    """The calendar in force. A file that the operator adds or changes counts from the next question on."""

    def __init__(self, knowledge: Path, data: Path) -> None:
        self._shipped = knowledge / "holidays"
        self._added = data / "holidays"
        self._stamp: Stamp = ()
        self._calendar: WorkCalendar | None = None

    def calendar(self) -> WorkCalendar:
        """The working days by shipped and added notices.

        Raises HolidayFileError at the first load; later a file that turns bad is logged and the last good calendar
        stays in force.
        """
        stamp = tuple(
            (str(file), stat.st_mtime_ns, stat.st_size)
            for file in _files(self._shipped, self._added)
            for stat in (file.stat(),)
        )
        if self._calendar is None:
            self._calendar, self._stamp = self._load(), stamp
        elif stamp != self._stamp:
            self._stamp = stamp
            try:
                self._calendar = self._load()
            except HolidayFileError:
                log.exception("a holiday file is bad; the calendar in force stays")
        return self._calendar

    def add(self, year: YearFile) -> Path:
        """Write a year to the operator's folder, in one step, and give its path."""
        self._added.mkdir(parents=True, exist_ok=True)
        file = self._added / f"{year.year}.yml"
        draft = file.with_suffix(".tmp")
        content = year.model_dump(mode="python", exclude_defaults=True)
        content["makeup_workdays"] = list(year.makeup_workdays)
        draft.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
        draft.replace(file)
        return file

    def _load(self) -> WorkCalendar:
        tables: dict[int, YearTable] = {}
        for file in _files(self._shipped, self._added):
            table = read_year(file).table()
            if f"{table.year}.yml" != file.name:
                raise HolidayFileError(text("holidays.misnamed", file=file, year=table.year))
            tables[table.year] = table
        return WorkCalendar(tables.values())
