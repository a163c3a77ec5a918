"""From a file to what would be done with each of its rows: read, checked, compared with what is kept. Writes nothing.

What somebody sees of it, and agrees to, is named by one digest; so is what is done then.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from hashlib import file_digest
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from anze.errors import DomainError
from anze.imports.columns import Column, KindTable, table
from anze.imports.nouns import NOUNS
from anze.imports.reading import Line, Read, lines
from anze.imports.rules import SHOWN, Cell, WrongError, cleaned, is_empty, key_of, taken
from anze.imports.spool import Fault, Row, Spool
from anze.imports.world import Looked, Noun, World
from anze.state import AppState
from anze.texts import shortened, text

GENERATION = "imports.generation"
"""The row of app_state that counts imports: what was planned before another one is planned anew"""

type Progress = Callable[[int], None]
"""Told from time to time how many rows are worked off"""


@dataclass
class Plan:
    """What an import would do. `spool` holds the rows; it lives as long as whoever made it keeps it open."""

    kind: str
    file_sha256: str
    generation: str
    spool: Spool
    noun: Noun
    since: date | None = None
    read: Read = field(default_factory=Read)
    older: int = 0
    """Rows that the core system has not changed since"""
    counts: dict[str, int] = field(default_factory=dict)
    digest: str = ""

    @property
    def table(self) -> KindTable:
        return table().kind(self.kind)


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def read_file(plan: Plan, path: Path, progress: Progress) -> None:
    """Every row of the file into the spool, with what is wrong in its cells. Opens no transaction.

    Raises FileRefusedError; DomainError import_since.
    """
    reader = _RowReader(plan)
    known = table()
    with lines(path, plan.table, known.changed_on, plan.read) as found:
        for count, line in enumerate(found, 1):
            if count == 1 and plan.since is not None and known.changed_on.name not in plan.read.columns:
                raise DomainError("import_since", 422, title=known.changed_on.title)
            reader.take(line)
            if count % 1000 == 0:
                progress(count)
    plan.spool.whole()
    for no, sheet, number, key, first_sheet, first_line in list(plan.spool.twice()):
        plan.spool.refuse_key(key)
        where = place(first_sheet, first_line)
        _fault(plan, sheet, number, plan.table.column(plan.table.key[0]), key, "twice", {"where": where, "no": no})


def place(sheet: str, line: int) -> str:
    """第 5 行; with the sheet where there is one."""
    return text("imports.place_sheet", sheet=sheet, line=line) if sheet else text("imports.place", line=line)


class _RowReader:
    """Turns the cells of a row into its values."""

    def __init__(self, plan: Plan) -> None:
        self._plan, self._kind = plan, plan.table
        self._changed_on = table().changed_on

    def take(self, line: Line) -> None:
        plan, values, wrong = self._plan, {}, False
        if plan.since is not None and self._older(line, plan.since):
            plan.older += 1
            return
        for column in self._kind.columns:
            cell = line.cells.get(column.name)
            if cell is None or is_empty(cell):
                wrong = wrong or column.needed
                if column.needed:
                    self._wrong(line, column, Cell(""), WrongError("needed"))
                continue
            try:
                values[column.name] = taken(column, cell)
                if values[column.name] is None and column.needed:
                    raise WrongError("needed")
            except WrongError as error:
                wrong = True
                self._wrong(line, column, cell, error)
        key = None if wrong and not set(self._kind.key) <= values.keys() else key_of(self._kind.key, values)
        plan.spool.add(line.sheet, line.number, key, values, refused=wrong)

    def _older(self, line: Line, since: date) -> bool:
        """Whether the core system changed the row before; one that does not say when is read."""
        cell = line.cells.get(self._changed_on.name)
        if cell is None or is_empty(cell):
            return False
        try:
            return bool(taken(self._changed_on, cell) < since.isoformat())
        except WrongError:
            return False

    def _wrong(self, line: Line, column: Column, cell: Cell, error: WrongError) -> None:
        _fault(self._plan, line.sheet, line.number, column, cell.text, error.code, error.fields)


def _fault(
    plan: Plan, sheet: str, line: int, column: Column | None, found: Any, code: str, fields: dict[str, Any]
) -> None:
    more = {"title": column.title, "example": column.example} if column is not None else {"title": "", "example": ""}
    if "earlier" in fields:
        fields = fields | {"earlier": plan.table.column(fields["earlier"]).title}
    more |= fields
    plan.spool.fault(
        Fault(
            sheet, line, more["title"], shortened(cleaned(str(found)), SHOWN), text(f"imports.wrong.{code}", **more),
            text(f"imports.write.{code}", **more),
        )
    )  # fmt: skip


def compare(plan: Plan, world: World, progress: Progress) -> None:
    """What becomes of each row by what the database holds; afterwards the plan has its counts and its digest.

    Raises DomainError import_head_only, import_province_only.
    """
    world.importer.check_kind(plan.kind)
    plan.generation = generation(world.session)
    done = 0
    for rows in plan.spool.undecided():
        looked = plan.noun.look(world, rows, plan.spool)
        _keep(plan, rows, looked)
        done += len(rows)
        progress(done)
    columns = {column.name: column for column in plan.table.columns}
    for _, sheet, line, ref in plan.spool.dangling():
        _fault(plan, sheet, line, columns.get("renews"), ref, "renews_refused", {})
    plan.counts = plan.spool.counts()
    plan.digest = plan.spool.digest()


def _keep(plan: Plan, rows: list[Row], looked: list[Looked]) -> None:
    for row, one in zip(rows, looked, strict=True):
        for name, code, fields in one.faults:
            column = plan.table.column(name) if name else None
            _fault(plan, row.sheet, row.line, column, _shown(row.values.get(name or "")), code, fields)
        if one.faults:
            one.decided.op, one.decided.id, one.decided.old, one.decided.values = "refused", None, {}, None
    plan.spool.decide(one.decided for one in looked)


def _shown(value: Any) -> str:
    return "、".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)


def generation(session: Session) -> str:
    """How many imports there were."""
    found = session.get(AppState, GENERATION, populate_existing=True)
    return found.value if found is not None else "0"


def new_plan(kind: str, file_sha256: str, spool: Spool, since: date | None) -> Plan:
    """Raises DomainError import_kind."""
    table().kind(kind)
    return Plan(kind, file_sha256, "0", spool, NOUNS[kind](), since)


def faults_of(plan: Plan) -> Iterable[Fault]:
    """What is wrong, by sheet and row, as far as it is kept."""
    return plan.spool.kept_faults()
