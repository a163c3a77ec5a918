"""Which complaints there are: how long ago each was received, by whom, and where it stands now."""

from dataclasses import dataclass
from datetime import timedelta

from anze.complaints.models import ComplaintKind, ComplaintStatus


@dataclass(frozen=True)
class Case:
    """One complaint to tell. `ago` is how long before now it was received, `lasted` how many days it was open.

    `bound`: told by a person with a right; else by a visitor who names a firm, or (`known=False`) none that we know.
    `special`: objection, group, agent, or again (whose case was told last complains anew, and names no number).
    """

    ago: timedelta
    status: ComplaintStatus
    lasted: int = 0
    kind: ComplaintKind = ComplaintKind.SERVICE
    bound: bool = True
    known: bool = True
    supplemented: bool = False
    corrected: bool = False
    fixed: bool = False
    special: str | None = None


def _days(*ago: int) -> tuple[timedelta, ...]:
    return tuple(timedelta(days=days) for days in ago)


_TOLD = _days(708, 655, 590, 541, 488, 430, 377, 330, 288, 251, 214, 180, 149, 121, 98, 75, 52, 40)
_HANDLING = _days(36, 26, 21, 17, 15, 12, 9, 6)
_FILED = _days(19, 8, 5, 3, 2, 1)


def cases() -> list[Case]:
    """All of them, the oldest first. The last TOLD one belongs to the first fixed customer."""
    told = [
        Case(
            ago,
            ComplaintStatus.TOLD,
            lasted=38 if number in {4, 11} else 4 + number % 9,
            kind=ComplaintKind.OTHER if number % 7 == 3 else ComplaintKind.SERVICE,
            bound=number % 3 != 1,
            supplemented=number % 4 == 0,
            corrected=number % 5 == 2,
        )
        for number, ago in enumerate(_TOLD)
    ]
    told.append(Case(timedelta(days=60), ComplaintStatus.TOLD, lasted=9, supplemented=True, fixed=True))
    handling = [
        Case(
            ago,
            ComplaintStatus.HANDLING,
            kind=ComplaintKind.OTHER if number == 3 else ComplaintKind.SERVICE,
            bound=number % 3 != 2,
            supplemented=number % 2 == 0,
        )
        for number, ago in enumerate(_HANDLING)
    ]
    filed = [
        Case(
            ago,
            ComplaintStatus.FILED,
            kind=ComplaintKind.OTHER if number == 2 else ComplaintKind.SERVICE,
            bound=number % 2 == 0,
        )
        for number, ago in enumerate(_FILED)
    ]
    others = [
        Case(timedelta(days=34), ComplaintStatus.TOLD, lasted=10),
        Case(timedelta(days=14), ComplaintStatus.DECIDED, lasted=12),
        Case(timedelta(days=10), ComplaintStatus.FILED, special="again"),
        Case(timedelta(days=13), ComplaintStatus.HANDLING, special="objection"),
        Case(timedelta(days=6), ComplaintStatus.FILED, bound=False, special="group"),
        Case(timedelta(days=3), ComplaintStatus.FILED, bound=False, special="agent"),
        *(
            Case(ago, ComplaintStatus.WITHDRAWN, lasted=3, bound=bool(n % 2))
            for n, ago in enumerate(_days(400, 133, 45, 11))
        ),
        *(Case(ago, ComplaintStatus.DROPPED, bound=False, known=False) for ago in _days(66, 7)),
        *(Case(ago, ComplaintStatus.INTAKE, bound=False, known=bool(n)) for n, ago in enumerate(_days(4, 2, 1))),
        Case(timedelta(minutes=70), ComplaintStatus.DRAFT, bound=False, known=False),
        Case(timedelta(minutes=20), ComplaintStatus.DRAFT),
    ]
    return sorted([*told, *handling, *filed, *others], key=lambda case: case.ago, reverse=True)
