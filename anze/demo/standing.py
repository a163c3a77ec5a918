"""A case of the demo as the rules see it, and its dates as they follow from what has happened so far."""

from datetime import datetime

from anze.complaints import settling
from anze.complaints.dates import ComplaintDates, Told
from anze.complaints.handling_models import Classification, Extension, Notice, Pause
from anze.complaints.models import Complaint, Statement
from anze.db import Base
from anze.demo.world import Row, World
from anze.identity.models import Branch, Staff

_DATES = ("due_on", "second_due_on", "provisional", "paused", "remedial", "ordinary_on", "queue_on", "version")


def case_of(world: World, row: Row) -> Complaint:
    """The row with everything that was done with it, as an object of no database."""
    case = Complaint(**row)
    case.branch = Branch(**world.rows[Branch][row["branch_id"] - 1])
    case.handler = next((Staff(**one) for one in world.rows[Staff] if one["id"] == row["handler_id"]), None)
    case.statements = [Statement(**one) for one in _own(world, Statement, row)]
    case.classification = next((Classification(**one) for one in _own(world, Classification, row)), None)
    case.extensions = [Extension(**one) for one in _own(world, Extension, row)]
    case.pauses = [Pause(**one) for one in _own(world, Pause, row)]
    case.notices = [Notice(**one) for one in _own(world, Notice, row)]
    return case


def settle(world: World, row: Row, dates: ComplaintDates, at: datetime) -> Told:
    """Derive the dates as the desk does, and write them into the row."""
    case = case_of(world, row)
    told = settling.settle(case, dates, at)
    row.update({name: getattr(case, name) for name in _DATES})
    return told


def _own(world: World, model: type[Base], row: Row) -> list[Row]:
    return [one for one in world.rows.get(model, []) if one["complaint_id"] == row["id"]]
