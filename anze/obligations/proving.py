"""Whether an edition's checks can be worked with: each names facts that its relation has, and uses them as they are."""

from datetime import date

from anze.calendar.rules import WorkCalendar
from anze.obligations.compiling import CheckError, compiled
from anze.obligations.relations import RELATIONS, Asked
from anze.standard.load import Knowledge, KnowledgeError

_DAY = date(2026, 1, 1)
"""Any: what a check may name does not hang on the day"""


def prove(known: Knowledge) -> None:
    """Raises KnowledgeError that names the check. No database is asked."""
    for check in known.check.values():
        relation = RELATIONS.get(check.subject)
        if relation is None:
            continue
        try:
            compiled(check, relation, Asked(_DAY), WorkCalendar([]), "sqlite", lambda facts: ())
        except CheckError as error:
            raise KnowledgeError(f"{known.edition.key}: {error}") from error
