"""What a file holds, on the disk while it is worked on: a scratch database of our own, gone with the process.

Rows do not have to fit into memory, keys that stand twice are found by an index, and the whole is read again in order.
"""

import hashlib
import json
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

MOST_FAULTS = 10_000
"""So many are kept with their words; all are counted"""
_PIECE = 1000


@dataclass(frozen=True)
class Fault:
    """What is wrong in one cell, in words: what is there, what is wrong with it, what to write."""

    sheet: str
    line: int
    column: str
    found: str
    wrong: str
    write: str


class Row(NamedTuple):
    """One row of the file. `op`: new, changed, same, refused; None while nobody has looked. `old`: what changes."""

    no: int
    sheet: str
    line: int
    key: str
    op: str | None
    id: int | None
    values: dict[str, Any]
    old: dict[str, Any]


@dataclass
class Decided:
    """What becomes of a row."""

    no: int
    op: str
    id: int | None = None
    old: dict[str, Any] = field(default_factory=dict)
    values: dict[str, Any] | None = None
    """In place of what was read, when it was completed"""
    ref: str | None = None
    """The key of another row without which this one cannot be"""


class Spool:
    """`with Spool() as spool`: a file in the folder for temporary files, without a name, so that it ends with us."""

    def __enter__(self) -> Self:
        with tempfile.TemporaryDirectory(prefix="anze-import-") as folder:
            self._db = sqlite3.connect(Path(folder) / "rows.db", isolation_level=None, check_same_thread=False)
            # Held open it is as good without a name, and nothing lies about when the process is killed.
            self._db.execute("CREATE TABLE opened (no INTEGER)")
        self._db.executescript("""
            PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-16000;
            CREATE TABLE rows (no INTEGER PRIMARY KEY, sheet TEXT, line INTEGER, key TEXT, op TEXT, id INTEGER,
                               body TEXT, old TEXT, ref TEXT);
            CREATE TABLE faults (sheet TEXT, line INTEGER, col TEXT, found TEXT, wrong TEXT, write TEXT);
        """)
        self.faults = 0
        self._waiting: list[tuple[Any, ...]] = []
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._db.close()

    def add(self, sheet: str, line: int, key: str | None, values: dict[str, Any], *, refused: bool) -> None:
        """A row as it was read."""
        op = "refused" if refused else None
        body = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
        self._waiting.append((sheet, line, key, op, body))
        if len(self._waiting) >= _PIECE:
            self.whole()

    def whole(self) -> None:
        """Everything that was added is there."""
        self._many("INSERT INTO rows (sheet, line, key, op, body) VALUES (?, ?, ?, ?, ?)", self._waiting)
        self._waiting.clear()

    def fault(self, fault: Fault) -> None:
        self.faults += 1
        if self.faults <= MOST_FAULTS:
            self._db.execute(
                "INSERT INTO faults VALUES (?, ?, ?, ?, ?, ?)",
                (fault.sheet, fault.line, fault.column, fault.found, fault.wrong, fault.write),
            )

    def twice(self) -> Iterator[tuple[int, str, int, str, str, int]]:
        """Rows whose key an earlier row has: (no, sheet, line, key, sheet and line of the first)."""
        self._db.execute("CREATE INDEX IF NOT EXISTS rows_key ON rows (key)")
        yield from self._db.execute("""
            SELECT rows.no, rows.sheet, rows.line, rows.key, first.sheet, first.line FROM rows
            JOIN (SELECT key, min(no) AS no FROM rows WHERE key IS NOT NULL GROUP BY key HAVING count(*) > 1) AS twice
              ON twice.key = rows.key
            JOIN rows AS first ON first.no = twice.no
            WHERE rows.no <> first.no ORDER BY rows.no
        """)

    def refuse_key(self, key: str) -> None:
        """All rows with this key: nobody can tell which of them is meant."""
        self._db.execute("UPDATE rows SET op = 'refused' WHERE key = ?", (key,))

    def undecided(self) -> Iterator[list[Row]]:
        """Rows at which nobody has looked, piece by piece."""
        yield from self._pieces("op IS NULL")

    def of(self, op: str) -> Iterator[list[Row]]:
        """Rows of which this becomes, piece by piece, in the order of the file."""
        yield from self._pieces("op = ?", op)

    def _pieces(self, condition: str, *values: Any) -> Iterator[list[Row]]:
        after = 0
        while True:
            found = self._db.execute(
                "SELECT no, sheet, line, key, op, id, body, old FROM rows "  # noqa: S608 - our own conditions
                f"WHERE no > ? AND {condition} ORDER BY no LIMIT {_PIECE}",
                (after, *values),
            ).fetchall()
            if not found:
                return
            after = found[-1][0]
            yield [Row._make((*row[:6], json.loads(row[6]), json.loads(row[7] or "{}"))) for row in found]

    def decide(self, decided: Iterable[Decided]) -> None:
        rows = [
            (
                one.op, one.id, json.dumps(one.old, ensure_ascii=False) if one.old else None, one.ref,
                None if one.values is None else json.dumps(one.values, ensure_ascii=False), one.no,
            )
            for one in decided
        ]  # fmt: skip
        self._many("UPDATE rows SET op = ?, id = ?, old = ?, ref = ?, body = coalesce(?, body) WHERE no = ?", rows)

    def _many(self, statement: str, rows: list[tuple[Any, ...]]) -> None:
        self._db.execute("SAVEPOINT piece")
        self._db.executemany(statement, rows)
        self._db.execute("RELEASE piece")

    def keys(self) -> "_Keys":
        """Whether the file has a row with a key."""
        return _Keys(self._db)

    def dangling(self) -> list[tuple[int, str, int, str]]:
        """Rows that need a row which is refused; they are refused with it, and so on. (no, sheet, line, ref)"""
        gone: list[tuple[int, str, int, str]] = []
        while found := self._db.execute("""
            SELECT no, sheet, line, ref FROM rows WHERE op <> 'refused' AND ref IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM rows AS other WHERE other.key = rows.ref AND other.op <> 'refused')
        """).fetchall():
            gone += found
            self._db.executemany("UPDATE rows SET op = 'refused' WHERE no = ?", [(row[0],) for row in found])
        return gone

    def counts(self) -> dict[str, int]:
        """How many rows of each outcome."""
        found = dict(self._db.execute("SELECT op, count(*) FROM rows GROUP BY op"))
        return {op: found.get(op, 0) for op in ("new", "changed", "same", "refused")}

    def kept_faults(self) -> Iterator[Fault]:
        for row in self._db.execute("SELECT * FROM faults ORDER BY sheet, line, rowid"):
            yield Fault(*row)

    def digest(self) -> str:
        """Of everything that would be done and everything that is refused: what somebody sees and agrees to."""
        hashed = hashlib.sha256(b"anze.import.v1\n")
        query = "SELECT no, key, op, id, CASE WHEN op = 'same' THEN NULL ELSE body END, old FROM rows ORDER BY no"
        for row in self._db.execute(query):
            hashed.update(json.dumps(row, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n")
        hashed.update(str(self.faults).encode())
        return hashed.hexdigest()


class _Keys:
    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def __contains__(self, key: str) -> bool:
        return self._db.execute("SELECT 1 FROM rows WHERE key = ? LIMIT 1", (key,)).fetchone() is not None
