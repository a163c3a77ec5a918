"""What a kind needs to look at rows and to write them, and what it tells of what moved."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from sqlalchemy.orm import Session

from anze.calendar.data import CalendarStore
from anze.clock import legal_date
from anze.imports.importer import Importer
from anze.imports.spool import Decided, Row, Spool
from anze.standard.editions import Editions

MOST_MOVES = 10_000
"""So many are kept with their words; all are counted"""


class RowFaults(list[tuple[str | None, str, dict[str, Any]]]):
    """What is wrong with a row as a whole or in a column: (column or None, code, fields)."""

    def add(self, column: str | None, code: str, **fields: Any) -> None:
        self.append((column, code, fields))


@dataclass
class Looked:
    """What a kind makes of one row."""

    decided: Decided
    faults: RowFaults = field(default_factory=RowFaults)


@dataclass(frozen=True)
class Move:
    """One thing that moved beside the row itself. `what`: a key of texts/imports.yml under `moved`."""

    what: str
    subject: str
    words: str


@dataclass
class World:
    """The database and the moment. `moved` counts by what; `moves` are told in the report."""

    session: Session
    importer: Importer
    now: datetime
    calendar: CalendarStore
    editions: Editions
    moved: Counter[str] = field(default_factory=Counter)
    moves: list[Move] = field(default_factory=list)
    wake: set[str] = field(default_factory=set)
    """Talks in which something was said"""

    @property
    def today(self) -> date:
        return legal_date(self.now)

    def tell(self, what: str, subject: str, words: str, count: int = 1) -> None:
        self.moved[what] += count
        if len(self.moves) < MOST_MOVES:
            self.moves.append(Move(what, subject, words))


class Noun(Protocol):
    """A kind of rows. Made anew for each import, so it may remember what it has seen of the file."""

    def look(self, world: World, rows: list[Row], spool: Spool) -> list[Looked]:
        """What becomes of each row. Reads only."""
        ...

    def write(self, world: World, new: list[Row], changed: list[Row]) -> None:
        """Write a piece of rows that were looked at: those that are new, or those that change."""
        ...

    def finish(self, world: World, spool: Spool) -> None:
        """After the last piece, in the same transaction."""
        ...


def differences(before: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """What is kept now of the columns that are to change."""
    return {name: before[name] for name, value in given.items() if before[name] != value}
