"""What an import of very many policies costs, on both engines: rows a second and memory.

    .venv/bin/python -m bench.imports [--policies 100000] [--form csv|xlsx] [--engine sqlite|postgresql]

Firms first (one for every four policies), then the policies: new, the same file again, one row in a hundred changed.
Each is what `anze import` does: reading, checking, comparing, writing in one transaction. Ends with 1 when the policies
take longer than the goal. `reading` goes without a transaction, `comparing` in a reading one; other writers wait for
`writing` only (SQLite). Memory is the growth of the process while it works.
"""

import argparse
import csv
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from anze.calendar.data import CalendarStore
from anze.db import Database
from anze.identity.models import Branch, BranchLevel
from anze.imports import applying, importer, planning, running
from anze.imports.models import Import, ImportState
from anze.imports.spool import Spool
from anze.imports.world import World
from anze.migrate import upgrade
from anze.settings import Settings
from anze.standard.editions import editions
from tests.helpers import postgres
from tests.helpers.databases import PostgreSQLFactory, SQLiteFactory, opened
from tests.imports.files import applicant, code, insured, titles

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
GOAL_SECONDS = 60.0
SHARE, CITIES = 4, 310


def firms(count: int) -> Iterator[dict[str, Any]]:
    yield from (insured(n, employees=300 + n % 900, revenue_wan=5000, nbs_industry="工业") for n in range(count))


def applicants(count: int) -> Iterator[dict[str, Any]]:
    yield from (applicant(n) for n in range(count))


def policies(count: int, changed: int = 0) -> Iterator[dict[str, Any]]:
    """`changed`: of every so many one has another end."""
    for n in range(count):
        start = date(2026, 1, 1) + timedelta(days=n % 360)
        end = start + timedelta(days=364 + (20 if changed and n % changed == 0 else 0))
        firm = code(n % (count // SHARE))
        yield {
            "number": f"PX{n:08d}", "branch": f"第{n % CITIES}支公司", "applicant": firm, "insureds": firm,
            "start_on": start, "end_on": end, "premium_cents": f"{5000 + n % 9000}.50", "state": "有效", "a": 1, "d": 2,
        }  # fmt: skip


def write_file(path: Path, kind: str, rows: Iterator[dict[str, Any]], form: str) -> Path:
    first = next(rows)
    head = titles(kind, list(first))
    if form == "csv":
        with path.open("w", encoding="gbk", newline="") as file:
            writer = csv.writer(file)
            writer.writerows([head, list(first.values())])
            writer.writerows(list(row.values()) for row in rows)
        return path
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for line in (head, list(first.values())):
        sheet.append(line)
    for row in rows:
        sheet.append(list(row.values()))
    book.save(path)
    return path


def branches(database: Database) -> None:
    common = {"hotline": "95500", "hours": "9:00"}
    with database.write() as session:
        session.add(Branch(id=1, path="/1/", level=BranchLevel.HEAD, name="总公司", short_name="总公司", **common))
        session.flush()
        for n in range(CITIES):
            session.add(Branch(id=n + 2, parent_id=1, path=f"/1/{n + 2}/", level=BranchLevel.CITY, name=f"第{n}支公司",
                               short_name=f"第{n}", **common))  # fmt: skip


class Stopwatch:
    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        began = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - began


def run(database: Database, kind: str, file: Path, folder: Path) -> tuple[dict[str, int], dict[str, float]]:
    """One import; its counts and the seconds of its parts."""
    watch, calendar = Stopwatch(), CalendarStore(Settings().knowledge, folder)

    def world(session: Any) -> World:
        return World(session, importer.operator(session), NOW, calendar, editions())

    with Spool() as spool:
        plan = planning.new_plan(kind, planning.sha256_of(file), spool, None)
        with watch("reading"):
            planning.read_file(plan, file, lambda _: None)
        with watch("comparing"), database.read() as session:
            planning.compare(plan, world(session), lambda _: None)
        with watch("writing"), database.write() as session:
            applying.hold(session, plan)
            row = Import(
                kind=kind, branch_id=1, staff_id=None, file_name=file.name, file_sha256=plan.file_sha256, file_size=1,
                since=None, state=ImportState.WRITING, partial=False, created_at=NOW,
            )  # fmt: skip
            session.add(row)
            session.flush()
            running.write(world(session), plan, row)
        return plan.counts, watch.seconds


def megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(name: str, database: Database, folder: Path, count: int, form: str) -> float:
    """The longest of the imports of policies, in seconds."""
    upgrade(database.engine)
    branches(database)
    files = [
        ("applicants", "applicants", applicants(count // SHARE)),
        ("insureds", "insureds", firms(count // SHARE)),
        ("policies", "policies, new", policies(count)),
        ("policies", "policies, the same", policies(count)),
        ("policies", "policies, 1 % changed", policies(count, 100)),
    ]
    worst = 0.0
    for place, (kind, words, rows) in enumerate(files):
        file = write_file(folder / f"{name}{place}.{form}", kind, rows, form)
        before = megabytes()
        counts, seconds = run(database, kind, file, folder)
        total, read = sum(seconds.values()), sum(counts.values())
        assert counts["refused"] == 0, counts
        if kind == "policies":
            worst = max(worst, total)
        parts = " | ".join(f"{seconds[part]:.1f}" for part in ("reading", "comparing", "writing"))
        counted = f"{counts['new']} / {counts['changed']} / {counts['same']}"
        told = [name, words, counted, parts, f"{total:.1f}", f"{read / total:.0f}", f"{megabytes() - before:.0f}"]
        print(f"| {' | '.join(told)} |", flush=True)
    return worst


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--policies", type=int, default=100_000)
    parser.add_argument("--form", choices=["csv", "xlsx"], default="csv")
    parser.add_argument("--engine", choices=["sqlite", "postgresql"])
    asked = parser.parse_args()
    print(f"{asked.policies} policies, {asked.form}; seconds and MB\n")
    print("| engine | what | new / changed / same | reading | comparing | writing | all | rows/s | MB |")
    print("|---|---|---|---|---|---|---|---|---|")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        worst = 0.0
        for name in [asked.engine] if asked.engine else ["sqlite", "postgresql"]:
            factory: Any = (
                SQLiteFactory(folder) if name == "sqlite" else PostgreSQLFactory(stack.enter_context(postgres.server()))
            )
            with opened(factory.empty()) as database:
                worst = max(worst, measure(name, database, folder, asked.policies, asked.form))
    print(f"\nLongest import of policies {worst:.1f} s, goal {GOAL_SECONDS:.0f} s")
    return 0 if worst <= GOAL_SECONDS else 1


if __name__ == "__main__":
    sys.exit(main())
