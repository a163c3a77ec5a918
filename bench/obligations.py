"""What each duty costs among many policies, on one engine.

    .venv/bin/python -m bench.obligations [--engine postgresql] [--policies 100000] [--rounds 3]

Each connected check is asked plainly and grouped by branch, for head office; five services a policy, a hazard for one
in twenty. Prints a table for docs/benchmarks.md; ends with 1 when a median is over the goal.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from anze.calendar.data import CalendarStore
from anze.db import Database
from anze.identity.models import Branch, Role
from anze.identity.speaker import Speaker
from anze.migrate import upgrade
from anze.obligations.query import Group, Query
from anze.obligations.relations import RELATIONS
from anze.obligations.store import Run
from anze.settings import Settings
from anze.standard.editions import load
from bench.complaint_queue import _branches
from tests.helpers import postgres
from tests.helpers.databases import PostgreSQLFactory, SQLiteFactory, opened

TODAY = date(2026, 11, 23)

GOAL_MS = 500.0
SERVICES = 5
HEAD = Speaker("bench", staff_id=1, role=Role.SUPERVISOR, branch_path="/1/")
CITIES = 310


def prepare(database: Database, policies: int) -> None:
    """Firms with one policy of one year each, their services with follow-ups, some hazards; written by the database."""
    upgrade(database.engine)
    postgresql = database.engine.dialect.name == "postgresql"
    with database.write() as session:
        session.execute(insert(Branch), list(_branches()))
    series = (
        "generate_series(1, :n) AS s(i)"
        if postgresql
        else "(WITH RECURSIVE t(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM t WHERE i < :n) SELECT i FROM t) AS s"
    )
    today = "DATE '2026-11-23'" if postgresql else "'2026-11-23'"

    def before(days: str) -> str:
        return f"({today} - ({days}))" if postgresql else f"date({today}, '-' || ({days}) || ' days')"

    start, done = before("i * 7 % 500"), before("i * 13 % 700")
    end = f"({start} + 364)" if postgresql else f"date({start}, '+364 days')"
    at = f"{done}::timestamp AT TIME ZONE 'UTC'" if postgresql else f"{done} || ' 02:00:00.000000'"
    people = "'[\"a\"]'::jsonb" if postgresql else "'[\"a\"]'"
    false = "false" if postgresql else "0"
    statements = [
        "INSERT INTO applicants (id, name) VALUES (1, 'A')",
        f"""INSERT INTO insureds (id, name, sector, industry, size_class, province, city, address)
        SELECT i, 'F' || i, CASE i % 5 WHEN 0 THEN 'mine' WHEN 1 THEN 'hazardous_chemicals' WHEN 2 THEN 'fireworks'
        WHEN 3 THEN 'metal_smelting' ELSE 'other' END, 'x', CASE i % 10 WHEN 0 THEN 'large' WHEN 1 THEN 'medium'
        WHEN 2 THEN 'medium' WHEN 3 THEN 'unknown' ELSE 'small' END, 'P', 'C', 'A' FROM {series}""",
        f"""INSERT INTO policies (id, number, applicant_id, branch_id, start_on, end_on, premium_cents)
        SELECT i, 'P' || i, 1, 33 + i % {CITIES}, {start}, {end}, 100 FROM {series}""",
        f"INSERT INTO policy_insureds (policy_id, insured_id) SELECT i, i FROM {series}",
        f"""INSERT INTO policy_years (id, policy_id, no, from_on, to_on)
        SELECT i, i, 1, {start}, {end} FROM {series}""",
        f"""INSERT INTO services (id, number, policy_id, insured_id, item, status, requested_at, starts_at,
        completed_on, report_no, place, people, measures, process, archived_on, version, statutory)
        SELECT i, 'S' || i, 1 + i % :policies, 1 + i % :policies, substr('abcdefg', 1 + i % 7, 1),
        'completed', {at}, {at}, {done}, CASE WHEN i % 40 = 0 THEN NULL ELSE 'R' END, 'x', {people}, 'm', 'p',
        CASE WHEN i % 30 = 0 THEN NULL ELSE {done} END, 1, {false} FROM {series}""",
        f"""INSERT INTO surveys (id, service_id, status, due_on, provisional, ask_on, done_at, mark, opinion)
        SELECT i, i, CASE WHEN i % 25 = 0 THEN 'waiting' ELSE 'done' END, {done}, {false}, {done},
        CASE WHEN i % 25 = 0 THEN NULL ELSE {at} END, 5, 'o' FROM {series}""",
        f"""INSERT INTO hazards (id, number, service_id, insured_id, branch_id, level, place, description, basis,
        advice, status, found_at, found_by, notified_at, version)
        SELECT i, 'H' || i, i, 1 + i % :policies, 33 + i % {CITIES},
        CASE WHEN i % 9 = 0 THEN 'major' ELSE 'general' END, 'x', 'd', 'b', 'a', 'open', {at}, 'p', {at}, 1
        FROM {series}""",
    ]
    sizes = [1, policies, policies, policies, policies, policies * SERVICES, policies * SERVICES, policies // 20]
    with database.write() as session:
        for statement, n in zip(statements, sizes, strict=True):
            values = {name: value for name, value in (("n", n), ("policies", policies)) if f":{name}" in statement}
            session.execute(text(statement), values)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM (ANALYZE)" if postgresql else "ANALYZE"))


@contextmanager
def made(engine: str, policies: int) -> Iterator[Database]:
    """A database of its own with so many policies."""
    with ExitStack() as stack:
        if engine == "sqlite":
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            url = SQLiteFactory(folder).empty()
        else:
            url = PostgreSQLFactory(stack.enter_context(postgres.server())).empty()
        database = stack.enter_context(opened(url))
        prepare(database, policies)
        yield database


def measure(session: Session, query: Query, rounds: int, calendar: CalendarStore) -> float:
    """Milliseconds, median of the rounds after one that warms up."""
    times = []
    for _ in range(rounds + 1):
        began = time.perf_counter()
        Run(session, HEAD, query, load(), TODAY, calendar.calendar()).answer(size=50)
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times[1:])


def main() -> int:
    asked = argparse.ArgumentParser()
    asked.add_argument("--engine", choices=("sqlite", "postgresql"), default="postgresql")
    asked.add_argument("--policies", type=int, default=100_000)
    asked.add_argument("--rounds", type=int, default=3)
    wanted = asked.parse_args()
    calendar = CalendarStore(Settings().knowledge, Settings().data)
    worst = 0.0
    with made(wanted.engine, wanted.policies) as database, database.read() as session:
        sys.stdout.write(
            f"| check | plain ms | by branch ms | ({wanted.engine}, {wanted.policies} policies)\n|---|---|---|\n"
        )
        for key, check in load().check.items():
            if check.subject not in RELATIONS:
                continue
            plain = measure(session, Query(key), wanted.rounds, calendar)
            grouped = measure(session, Query(key, group=Group.BRANCH), wanted.rounds, calendar)
            worst = max(worst, plain, grouped)
            sys.stdout.write(f"| {key} | {plain:.0f} | {grouped:.0f} |\n")
            sys.stdout.flush()
    return int(worst > GOAL_MS)


if __name__ == "__main__":
    sys.exit(main())
