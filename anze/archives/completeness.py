"""What there is of each kind for a service, and whether its archive is complete, as SQL over the services table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, String, and_, case, cast, false, func, literal, or_, select, true

from anze.archives.kinds import Kind
from anze.archives.lines import lines_of
from anze.archives.models import ArchiveItem, ArchiveWithdrawal
from anze.archives.rules import ELEMENTS, Line
from anze.bookings.models import Service
from anze.clock import SHANGHAI
from anze.conversations.models import SharedFile
from anze.fees.sums import spent_on_service
from anze.hazards.models import Hazard, HazardFile
from anze.obligations.sql import has_members, said
from anze.standard.load import Knowledge
from anze.surveys.models import Survey, SurveyStatus

_ITEMS = "abcdefg"


@dataclass(frozen=True)
class Until:
    """What was there at the end of a day; what came later is not seen."""

    day: date

    def seen(self, instant: Any) -> ColumnElement[bool]:
        found: ColumnElement[bool] = instant < datetime.combine(self.day + timedelta(days=1), time(), SHANGHAI)
        return found


def complete(standard: Knowledge, until: Until) -> ColumnElement[bool]:
    """Whether the archive of a row of `services` holds what rules.missing asks for. Needs Survey joined (outer)."""
    return case({letter: _complete(lines_of(standard, letter), until) for letter in _ITEMS}, value=Service.item,
                else_=false())  # fmt: skip


def elements(until: Until) -> dict[str, ColumnElement[bool]]:
    """Which of the eight elements of 6.3 a row of `services` says. Needs Survey joined (outer)."""
    followed = and_(Survey.status == SurveyStatus.DONE, Survey.mark.is_not(None), said(Survey.opinion))
    found: dict[str, ColumnElement[bool]] = {
        "time": Service.starts_at.is_not(None), "place": said(Service.place),
        "provider": Service.provider_id.is_not(None), "people": has_members(Service.people), "item": true(),
        "measures": said(Service.measures), "process": said(Service.process),
        "follow_up": and_(followed, until.seen(Survey.done_at)),
    }  # fmt: skip
    return {name: func.coalesce(found[name], false()) for name in ELEMENTS}


def ours(kind: Kind, until: Until) -> ColumnElement[bool]:
    """Whether the program has something of a kind by itself: the record, the report, photos of hazards, the ledger."""
    match kind:
        case Kind.RECORD:
            return and_(*elements(until).values())
        case Kind.REPORT:
            shared = SharedFile.subject == literal("service:") + cast(Service.id, String)
            return _exists(select(literal(1)).where(shared, until.seen(SharedFile.shared_at)))
        case Kind.PHOTO:
            photos = select(HazardFile.file_id).join(Hazard, Hazard.id == HazardFile.hazard_id).where(
                Hazard.service_id == Service.id, HazardFile.kind == "found", until.seen(HazardFile.added_at)
            )  # fmt: skip
            return _exists(photos)
        case Kind.AMOUNT:
            return spent_on_service(until.day) > 0
    return false()


def counting(until: Until) -> ColumnElement[bool]:
    """Items that were there on the day, and that nobody had withdrawn by then."""
    withdrawn = select(ArchiveWithdrawal.item_id).where(until.seen(ArchiveWithdrawal.at))
    return and_(until.seen(ArchiveItem.added_at), ArchiveItem.id.not_in(withdrawn))


def _complete(lines: Sequence[Line], until: Until) -> ColumnElement[bool]:
    all_of = [_has(line, kind, until) for line in lines if not line.either for kind in line.kinds]
    one_of = [and_(*(_has(line, kind, until) for kind in line.kinds)) for line in lines if line.either]
    return and_(true(), *all_of, or_(*one_of) if one_of else true())


def _has(line: Line, kind: Kind, until: Until) -> ColumnElement[bool]:
    """See rules.has."""
    kept = select(literal(1)).where(ArchiveItem.service_id == Service.id, ArchiveItem.kind == kind, counting(until))
    if not line.either:
        return or_(_exists(kept), ours(kind, until))
    mine = _exists(kept.where(ArchiveItem.code == line.code))
    return or_(mine, ours(kind, until)) if kind is Kind.REPORT else mine


def _exists(query: Any) -> ColumnElement[bool]:
    found: ColumnElement[bool] = query.correlate(Service).exists()
    return found
