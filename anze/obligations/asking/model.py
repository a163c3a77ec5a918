"""What a question is read with, and what was understood of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from anze.calendar.rules import WorkCalendar
from anze.obligations.query import Query
from anze.standard.models import Check


@dataclass(frozen=True)
class Names:
    """Names that a question may hold, as the asker may know them: word → id. Provinces by their names."""

    branches: Mapping[str, int] = field(default_factory=dict)
    providers: Mapping[str, int] = field(default_factory=dict)
    provinces: Mapping[str, str] = field(default_factory=dict)
    insureds: Mapping[str, int] = field(default_factory=dict)
    """Firms that the text names, looked up before it is read"""
    foreign: frozenset[str] = frozenset()
    """Branches that there are and the asker may not see, and places where there is none"""


@dataclass(frozen=True)
class Asked:
    """A question and what it is read with."""

    text: str
    now: datetime
    calendar: WorkCalendar
    checks: Mapping[str, Check]
    names: Names
    last: Query | None = None


@dataclass(frozen=True)
class Reading:
    """What was understood: a `query`, an `action` with the query that it is about, or a `problem`.

    `problem`: no_check (`unknown`: the words), ambiguous (`choices` of checks), unknown_place, unknown_filter,
    personal, change, no_last. `unknown` beside a new query: words that meant nothing to us; they are said and left out.
    """

    query: Query | None = None
    action: str | None = None
    problem: str | None = None
    choices: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    changed: bool = False
    """The query is the last one, changed"""
    named: bool = False
    """A word of a duty stands in the text; else the duty was told by likeness alone"""
