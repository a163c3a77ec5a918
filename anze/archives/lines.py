"""Table B.1 of an edition as lines that can be checked."""

from anze.archives.kinds import Kind
from anze.archives.rules import RECORD_CODE, Line
from anze.standard.load import Knowledge


def lines_of(standard: Knowledge, item: str) -> tuple[Line, ...]:
    """The lines for a service item a–g; where the table has no row, the record of 6.3 (AMB-22)."""
    found = tuple(
        Line(passage.code, passage.text, tuple(Kind(need) for need in passage.needs), passage.either)
        for passage in standard.archive_items(item)
        if passage.code is not None and passage.needs
    )
    if found:
        return found
    return (Line(RECORD_CODE, standard.clauses["6.3"][-1].text, (Kind.RECORD,)),)
