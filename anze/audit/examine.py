"""Was anything altered? The chain, the heads outside the database, the sealed rows and the files, in one answer."""

from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from anze.audit import anchors, files, registry
from anze.audit.anchors import HeadProblem
from anze.audit.chain import Problem, verify
from anze.audit.files import FileProblem, Wanted
from anze.audit.heads import HeadLine
from anze.audit.raw import head, reach
from anze.audit.sealed import Seal
from anze.conversations.files import FileStore


@dataclass(frozen=True)
class Report:
    """What was found. Whole and anchored are two things: nothing proves what came after the last exported head."""

    events: int
    """Place of the last event there is"""
    head: tuple[int, str] | None
    problems: list[Problem]
    heads: list[HeadProblem]
    seals: list[Seal]
    """Those that do not hold"""
    seals_checked: int
    lines: list[HeadLine]
    anchored: HeadLine | None
    """The furthest head outside the database that the chain holds"""
    wanted: dict[str, Wanted]
    files: list[FileProblem]
    files_checked: int | None = None
    """None: the files were not looked at"""

    @property
    def altered(self) -> bool:
        return bool(self.problems or self.heads or self.seals or self.files)

    @property
    def anchored_to(self) -> int:
        """Events up to this place are in an exported head; 0: none."""
        return self.anchored.seq if self.anchored else 0

    @property
    def unanchored(self) -> tuple[int, int] | None:
        """First and last of the events (尚未锚定) that no exported head reaches."""
        return (self.anchored_to + 1, self.events) if self.events > self.anchored_to else None


def examine(session: Session, lines: list[HeadLine], *, copy: bool = False) -> Report:
    """Everything that the database can tell. `lines`: the exported heads; `copy`: of a file that may be older."""
    end = reach(session)
    compared = anchors.compare(session, lines, end, copy=copy)
    checked = list(registry.seals(session))
    return Report(
        events=end,
        head=head(session),
        problems=verify(session),
        heads=compared.problems,
        seals=[one for one in checked if not one.holds],
        seals_checked=len(checked),
        lines=lines,
        anchored=compared.last,
        wanted=files.named(session),
        files=[],
    )


def with_files(report: Report, store: FileStore) -> Report:
    """The report with the bytes of all files read. Outside any transaction. Raises OSError."""
    return replace(report, files=list(files.check(report.wanted, store)), files_checked=len(report.wanted))
