"""Which nouns have rows that the chain knows by digest."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from anze.appraisals import sealed as appraisals
from anze.archives import sealed as archives
from anze.audit.sealed import Seal, Source
from anze.bookings import sealed as bookings
from anze.complaints import sealed as complaints
from anze.conversations import sealed as conversations
from anze.fees import sealed as fees
from anze.hazards import sealed as hazards
from anze.letters import sealed as letters
from anze.management import sealed as management
from anze.plans import sealed as plans
from anze.procedure import sealed as procedure
from anze.regulators import sealed as regulators
from anze.reports import sealed as reports
from anze.surveys import sealed as surveys

SOURCES: tuple[Source, ...] = (
    complaints.seals,
    letters.seals,
    conversations.seals,
    hazards.seals,
    bookings.seals,
    surveys.seals,
    reports.seals,
    fees.seals,
    appraisals.seals,
    management.seals,
    regulators.seals,
    archives.seals,
    plans.seals,
    procedure.seals,
)


def seals(session: Session) -> Iterator[Seal]:
    """Every digest of the chain that stands for a row, with that row's digest now."""
    for source in SOURCES:
        yield from source(session)
