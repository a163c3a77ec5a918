"""A thousand tamperings by somebody with the database, the code and every right: each one is found."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from anze.audit.examine import Report
from anze.complaints.deciding import PARTS
from anze.db import Database
from tests.audit.forging import ANCHORED, COLUMNS, EVENTS, FILES, STATEMENTS, World, built, rehashed, write

SEED = 20261126
HOW_MANY = {"sqlite": 1000, "postgresql": 150}
BEHIND = 0
"""What an attack gives that leaves the events alone and changes what they stand for."""


@pytest.fixture
def world(database: Database, tmp_path: Path) -> World:
    return built(database, tmp_path)


def one_byte(world: World, connection: Connection, rng: Random) -> int:
    """One byte of one column, whatever comes of it."""
    row, column = rng.choice(world.rows), rng.choice(COLUMNS)
    seq = int(row["seq"])
    if column == "seq":
        other = EVENTS + rng.randint(1, 10**6) if rng.random() < 0.7 else -rng.randint(0, 9)
        connection.execute(text("UPDATE audit_events SET seq = :new WHERE seq = :seq"), {"new": other, "seq": seq})
        return seq
    if connection.dialect.name == "postgresql":
        changed: Any = "at + interval '1 microsecond'" if column == "at" else ":value"
        value = row[column] if column == "at" else flipped(str(row[column]), rng)
        fields = {"seq": seq} | ({} if column == "at" else {"value": value})
        connection.execute(text(f"UPDATE audit_events SET {column} = {changed} WHERE seq = :seq"), fields)
        return seq
    query = text(f"SELECT CAST({column} AS BLOB) FROM audit_events WHERE seq = :seq")
    stored = bytearray(connection.scalar(query, {"seq": seq}) or b"")
    place = rng.randrange(len(stored))
    stored[place] = (stored[place] + rng.randint(1, 255)) % 256  # text that is no UTF-8 any more, NUL, a quote …
    connection.execute(
        text(f"UPDATE audit_events SET {column} = CAST(:value AS TEXT) WHERE seq = :seq"),
        {"value": bytes(stored), "seq": seq},
    )
    return seq


def flipped(value: str, rng: Random) -> str:
    place = rng.randrange(len(value))
    other = rng.choice([c for c in "0123456789abcxyz{}:, " if c != value[place]])
    return value[:place] + other + value[place + 1 :]


def deletion(world: World, connection: Connection, rng: Random) -> int:
    first = rng.randint(1, EVENTS - 1)
    last = min(EVENTS - 1, first + rng.randint(0, 20))
    left = [row for row in world.rows if not first <= row["seq"] <= last]
    write(connection, rehashed(left) if rng.random() < 0.5 else left)
    return first


def reordering(world: World, connection: Connection, rng: Random) -> int:
    one, other = sorted(rng.sample(range(EVENTS), 2))
    rows = [dict(row) for row in world.rows]
    rows[one], rows[other] = rows[other], rows[one]
    if rng.random() < 0.5:
        write(connection, rehashed(rows))
    else:
        write(connection, [{**row, "seq": seq} for seq, row in enumerate(rows, 1)])
    return one + 1


def insertion(world: World, connection: Connection, rng: Random) -> int:
    place = rng.randint(0, EVENTS - 1)
    added = {**rng.choice(world.rows), "actor": "staff:99"}
    rows = [*world.rows[:place], added, *world.rows[place:]]
    if rng.random() < 0.5:
        write(connection, rehashed(rows))
    else:
        kept = [{**row, "seq": seq} for seq, row in enumerate(rows, 1)]
        kept[place] = rehashed(rows)[place]
        write(connection, kept)
    return place + 1


def cut_tail(world: World, connection: Connection, rng: Random) -> int:
    # Back to the anchored event exactly is the database of that moment again: see the test below.
    end = rng.choice([one for one in range(EVENTS) if one != ANCHORED])
    head = world.rows[-1] if rng.random() < 0.3 else None
    write(connection, world.rows[:end], head)
    return end + 1


def replaced(world: World, connection: Connection, rng: Random) -> int:
    """Every hash right, the head too: other events, or one other word in the old ones."""
    if rng.random() < 0.3:
        count = rng.randint(1, EVENTS + 50)
        write(connection, rehashed([{**rng.choice(world.rows), "actor": f"staff:{n}"} for n in range(count)]))
        return 1
    place = rng.randrange(EVENTS)
    rows = [dict(row) for row in world.rows]
    column = rng.choice(["kind", "subject", "actor", "body"])
    rows[place][column] = flipped(rows[place][column], rng)
    write(connection, rehashed(rows))
    return place + 1


def attachment(world: World, connection: Connection, rng: Random) -> int:
    number = rng.randrange(FILES)
    path = world.store.path(world.digests[number])
    how = rng.randrange(4)
    if how == 0:
        path.unlink()
    elif how == 1:
        content = bytearray(path.read_bytes())
        content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
        path.write_bytes(content)
    elif how == 2:
        path.write_bytes(path.read_bytes() + b"\n")
    else:  # the row too: another file, whole and at its place
        other = world.store.put(b"%PDF-1.4\n" + rng.randbytes(20), "a.pdf")
        fields = {"sha256": other.sha256, "size": other.size, "id": f"f{number}"}
        connection.execute(text("UPDATE files SET sha256 = :sha256, size = :size WHERE id = :id"), fields)
    return BEHIND


def sealed_text(world: World, connection: Connection, rng: Random) -> int:
    how, number = rng.randrange(8), rng.randint(1, STATEMENTS)
    part = rng.choice(PARTS[:-1])
    statement = [
        "UPDATE statements SET text = text || '。' WHERE id = :n",
        "DELETE FROM statements WHERE id = :n",
        "INSERT INTO statements SELECT id + 100, complaint_id, kind, '他们很好', message_id, at FROM statements "
        "WHERE id = :n",
        f"UPDATE decisions SET {part} = '没有问题'",
        "UPDATE decisions SET remedies = '[]'",
        "DELETE FROM decisions",
        "DELETE FROM complaint_evidence WHERE file_id = 'f1'",
        "UPDATE messages SET text = '算了'",
    ][how]
    connection.execute(text(statement), {"n": number} if ":n" in statement else {})
    return BEHIND


ATTACKS: list[Callable[[World, Connection, Random], int]] = [
    one_byte, one_byte, deletion, reordering, insertion, cut_tail, replaced, attachment, sealed_text,
]  # fmt: skip


def test_a_thousand_attacks_are_all_found(world: World) -> None:
    rng = Random(SEED)
    kind = world.database.engine.dialect.name
    outcomes: Counter[tuple[str, str]] = Counter()
    missed = []
    for number in range(HOW_MANY[kind]):
        attack = ATTACKS[number % len(ATTACKS)]
        with world.attack() as connection, Session(connection) as session:
            touched = attack(world, connection, rng)
            report = world.examined(session)
        said = verdict(report)
        outcomes[attack.__name__, said] += 1
        # What comes after the last exported head is proven by nothing: there, not calling it proven is enough.
        if said == "intact" or (touched <= ANCHORED and said != "altered"):
            missed.append((number, attack.__name__, touched, said))
    assert missed == []
    assert outcomes.total() == HOW_MANY[kind]
    assert {name for name, said in outcomes if said == "altered"} == {attack.__name__ for attack in ATTACKS}
    with world.database.read() as session:
        assert verdict(world.examined(session)) == "unanchored", "the attacks were undone"


def verdict(report: Report) -> str:
    return "altered" if report.altered else "unanchored" if report.unanchored else "intact"


def test_going_back_to_the_anchored_moment_proves_nothing_later(world: World) -> None:
    """Events after the head and all their rows taken away: that is the database of then, and it is called no more."""
    with world.attack() as connection, Session(connection) as session:
        write(connection, world.rows[:ANCHORED])
        report = world.examined(session)
    assert (report.anchored_to, report.unanchored, report.events) == (ANCHORED, None, ANCHORED)
    assert report.anchored is not None
    assert report.anchored.at == "2026-11-23T03:00:00+00:00"
