"""A database from before the upgrade gets the dates that its cases lack, and nothing else moves."""

from sqlalchemy import select, update

from anze.complaints.models import Complaint
from anze.serve.sweep import STEPS
from anze.state import AppState
from tests.helpers.gateway import Gateway

_KEPT = (
    Complaint.id,
    Complaint.ordinary_on,
    Complaint.remedial,
    Complaint.due_on,
    Complaint.queue_on,
    Complaint.version,
)


async def test_old_cases_get_their_dates_once(demo_gateway: Gateway) -> None:
    def rows() -> list[tuple[object, ...]]:
        with demo_gateway.db.read() as session:
            named = select(*_KEPT).where(Complaint.number.is_not(None)).order_by(Complaint.id)
            return [tuple(row) for row in session.execute(named)]

    before = rows()
    assert any(row[1] for row in before)
    with demo_gateway.db.write() as session:
        session.execute(update(Complaint).values(ordinary_on=None, remedial=False))
    assert rows() != before
    await STEPS["derived_dates"](demo_gateway.services)
    assert rows() == before
    with demo_gateway.db.write() as session:
        session.execute(update(Complaint).values(ordinary_on=None))
        assert session.get_one(AppState, "complaints.ordinary_on").value == "all"
    await STEPS["derived_dates"](demo_gateway.services)
    assert all(row[1] is None for row in rows())
