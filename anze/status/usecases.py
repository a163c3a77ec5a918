"""One firm at a glance: its policies and what they promise, what is coming, what is due, its files. Reads only.

Each gives {"count", "fields", "table"?, "files"?}: `count` 0 means that there is nothing of this to show. A person of
several firms who has not chosen one sees all of them, each line with its firm.
"""

from typing import Any

from sqlalchemy.orm import Session

from anze.bookings.lines import item_name
from anze.calendar.data import CalendarStore
from anze.clock import legal_date
from anze.complaints.dates import ComplaintDates
from anze.conversations.turn import Turn
from anze.status import store
from anze.status.due import due
from anze.status.firms import read
from anze.status.glance import mine
from anze.texts import text as say

__all__ = ["due", "files", "mine", "policies"]


def policies(session: Session, turn: Turn, calendar: CalendarStore, dates: ComplaintDates) -> dict[str, Any]:
    """Policies in force with their policy year, and of each promised item what is used and left."""
    firms, today = read(session, turn), legal_date(turn.now)
    rows = []
    for firm in firms.all:
        for contract, year in firm.in_force(today):
            term = say("status.span", first=contract.start_on.isoformat(), last=contract.last_on.isoformat())
            slice_ = say("status.span", first=year.from_on.isoformat(), last=year.to_on.isoformat())
            promises = [
                [item_name(one.item), str(one.promised), str(one.used), str(one.left)]
                for one in firm.promises(contract, year)
            ]
            head = [firms.of(firm.id, contract.number), term, slice_]
            rows += [[*head, *figures] for figures in promises or [[say("status.none")] * 4]]
    columns = [say(f"status.column.{name}") for name in ("policy", "term", "year", "item", "promised", "used", "rest")]
    return {"count": len(rows), "fields": {"firm": firms.name}, "table": {"columns": columns, "rows": rows}}


def files(session: Session, turn: Turn, calendar: CalendarStore, dates: ComplaintDates) -> dict[str, Any]:
    """Reports, photos and letters that the firm may read, the newest first."""
    found = store.files(session, [firm.id for firm in store.firms(session, turn.speaker)])
    return {"count": len(found), "fields": {}, "files": [one.file_id for one in found]}
