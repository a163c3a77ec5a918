"""The chain compared with the heads that left the database: how far it is proven, and what was altered before that."""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.orm import Session

from anze.audit import exporting, heads
from anze.audit.exporting import Known, UnreadableStateError
from anze.audit.heads import HeadLine


class HeadFault(StrEnum):
    """Of lines of the file, but for the first two, which are about events."""

    REWRITTEN = "rewritten"
    """these events are not those of the exported head"""
    CUT = "cut"
    """these events were there when a head was exported"""
    ABSENT = "absent"
    """no file, though the database has exported heads"""
    LOST = "lost"
    """lines are missing"""
    BROKEN = "broken"
    """a line does not follow the one before it"""
    FOREIGN = "foreign"
    """the line is another database's"""
    STATE = "state"
    """what the database remembered of its exports was overwritten"""


@dataclass(frozen=True)
class HeadProblem:
    """`first` to `last` (both included): events or lines, as the fault says."""

    fault: HeadFault
    first: int
    last: int


@dataclass(frozen=True)
class Anchors:
    """`last`: the line with the furthest head that the chain holds; None: nothing is anchored."""

    lines: list[HeadLine]
    problems: list[HeadProblem]
    last: HeadLine | None


def compare(session: Session, lines: list[HeadLine], reach: int, *, copy: bool = False) -> Anchors:
    """Compare a chain of `reach` events with exported heads. With `copy` the file may end before the last export."""
    problems: list[HeadProblem] = []
    last: Known | None = None
    try:
        last = exporting.known(session)
    except UnreadableStateError:
        problems.append(HeadProblem(HeadFault.STATE, 0, 0))
    problems += _of_file(lines, exporting.database_id(session))
    problems += _of_memory(lines, last, copy=copy)
    contradicted = set(exporting.contradicted_by(session, lines))
    void = {no for line in lines for no in line.void}
    valid = [line for line in lines if line.no not in contradicted | void]
    problems += _of_chain([line for line in lines if line.no in contradicted], valid, reach)
    return Anchors(lines, problems, max(valid, key=lambda line: line.seq, default=None))


def _of_file(lines: list[HeadLine], own: str | None) -> list[HeadProblem]:
    found: list[HeadProblem] = []
    before: HeadLine | None = None
    for line in lines:
        if own is not None and line.database != own:
            found.append(HeadProblem(HeadFault.FOREIGN, line.no, line.no))
        expected = before.no + 1 if before else 1
        if line.no > expected:
            found.append(HeadProblem(HeadFault.LOST, expected, line.no - 1))
        elif not heads.follows(line, before):
            found.append(HeadProblem(HeadFault.BROKEN, line.no, line.no))
        before = line
    return found


def _of_memory(lines: list[HeadLine], last: Known | None, *, copy: bool) -> list[HeadProblem]:
    if last is None:
        return []
    reached = lines[-1].no if lines else 0
    if reached < last.lines:
        if copy:
            return []
        return [HeadProblem(HeadFault.LOST if lines else HeadFault.ABSENT, reached + 1, last.lines)]
    replaced = [line for line in lines if line.no == last.lines and line.line_sha256 != last.line_sha256]
    return [HeadProblem(HeadFault.BROKEN, line.no, line.no) for line in replaced]


def _of_chain(contradicted: list[HeadLine], valid: list[HeadLine], reach: int) -> list[HeadProblem]:
    """Events between the last head that still holds and the first that does not."""
    rewritten = [line.seq for line in contradicted if line.seq <= reach]
    beyond = [line.seq for line in contradicted if line.seq > reach]
    found = []
    if rewritten:
        sound = max((line.seq for line in valid if line.seq < min(rewritten)), default=0)
        found.append(HeadProblem(HeadFault.REWRITTEN, sound + 1, max(rewritten)))
    if beyond:
        found.append(HeadProblem(HeadFault.CUT, reach + 1, max(beyond)))
    return found
