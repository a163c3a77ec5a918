"""Planning: idempotent, moves with its date, ends with its matter; what is not due costs nothing."""

from datetime import date

from sqlalchemy import text

from anze.reminders import store
from anze.reminders.models import ReminderState
from tests.helpers.reminding import World, shanghai

OLD, NEW = date(2026, 12, 1), date(2026, 12, 8)


def steps(world: World, state: str = "waiting") -> list[tuple[str, str]]:
    return [(row.step, row.due_on.isoformat()) for row in world.rows() if row.state == state]


async def test_planning_twice_changes_nothing(world: World) -> None:
    firm = world.firm()
    key = f"service:{world.service(firm, shanghai('2026-12-01 09:00'))}"
    for _ in range(3):
        world.plan("booking_visit", key, OLD, firm.insured)
    assert steps(world) == [("T-3", "2026-12-01"), ("T-1", "2026-12-01"), ("T", "2026-12-01")]
    world.to("2026-11-26 09:00")
    await world.sweep()
    world.plan("booking_visit", key, OLD, firm.insured)
    await world.sweep()
    assert len(world.said(firm.conversation_id)) == 1


def test_a_moved_date_ends_the_old_rows_and_moving_back_brings_them_back(world: World) -> None:
    firm = world.firm()
    key = f"service:{world.service(firm, shanghai('2026-12-01 09:00'))}"
    world.plan("booking_visit", key, OLD, firm.insured)
    world.plan("booking_visit", key, NEW, firm.insured)
    assert {day for _, day in steps(world)} == {"2026-12-08"}
    assert {row.void_reason for row in world.rows() if row.due_on == OLD} == {"moved"}
    world.plan("booking_visit", key, OLD, firm.insured)
    assert steps(world) == [("T-3", "2026-12-01"), ("T-1", "2026-12-01"), ("T", "2026-12-01")]
    assert len(world.rows()) == 6


def test_void_ends_one_kind_or_all(world: World) -> None:
    firm = world.firm()
    key = f"service:{world.service(firm, shanghai('2026-12-01 09:00'))}"
    world.plan("booking_visit", key, OLD, firm.insured)
    world.plan("booking_confirm", key, OLD, firm.insured)
    world.void(key, "booking_confirm")
    assert {row.kind for row in world.rows() if row.state == ReminderState.WAITING} == {"booking_visit"}
    world.void(key)
    assert steps(world) == []
    world.plan("booking_visit", key, OLD, firm.insured)
    assert len(steps(world)) == 3, "what is wanted again waits again"


def test_steps_that_have_passed_are_not_planned(world: World) -> None:
    firm = world.firm()
    key = f"service:{world.service(firm, shanghai('2026-11-24 09:00'))}"
    world.plan("booking_visit", key, date(2026, 11, 24), firm.insured)
    assert [step for step, _ in steps(world)] == ["T"], "T-1 was this morning, before it was booked"


def test_another_recipient_takes_the_place_of_the_first(world: World) -> None:
    firm, other = world.firm(), world.firm()
    key = f"service:{world.service(firm, shanghai('2026-12-01 09:00'))}"
    world.plan("booking_visit", key, OLD, firm.insured)
    world.plan("booking_visit", key, OLD, other.insured)
    assert {row.recipient for row in world.rows() if row.state == "waiting"} == {other.insured}


def test_what_is_not_due_is_never_read(world: World) -> None:
    """The claim walks the index up to now; a plan that scans or sorts would grow with the future rows."""
    engine = world.db.engine
    with world.db.read() as session:
        if engine.dialect.name == "postgresql":
            # The planner reads a tiny table whole, whatever its indexes are.
            session.execute(text("SET LOCAL enable_seqscan = off"))
        for query in (store.due_ids(world.now, 100), store.abandoned_ids(world.now, 100)):
            claim = store.taking(query, "me", world.now)
            sql = str(claim.compile(engine, compile_kwargs={"literal_binds": True}))
            explain = "EXPLAIN QUERY PLAN " if engine.dialect.name == "sqlite" else "EXPLAIN "
            plan = "\n".join(str(row) for row in session.execute(text(explain + sql)))
            assert "ix_reminders_due" in plan, plan
            assert "SCAN reminders" not in plan, plan
            if engine.dialect.name == "sqlite":
                assert "SEARCH reminders USING INTEGER PRIMARY KEY" in plan, plan
    if engine.dialect.name == "sqlite":
        with world.db.read() as session:
            due = str(store.due_ids(world.now, 100).compile(engine, compile_kwargs={"literal_binds": True}))
            plan = "\n".join(str(row) for row in session.execute(text("EXPLAIN QUERY PLAN " + due)))
            assert "send_at<?" in plan
            assert "TEMP B-TREE" not in plan, "the index has the order already"
