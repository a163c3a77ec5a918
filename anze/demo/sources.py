"""What the demo data take from the knowledge in force: legal dates and size classes."""

from dataclasses import dataclass

from anze.calendar.data import CalendarStore
from anze.clock import Clock
from anze.complaints.dates import ComplaintDates
from anze.settings import Settings
from anze.standard.editions import read_editions
from anze.standard.models import SizeThresholds


@dataclass(frozen=True)
class Sources:
    """Handed to `load`; tests build their own."""

    dates: ComplaintDates
    thresholds: SizeThresholds
    calendar: CalendarStore


def sources(settings: Settings) -> Sources:
    """From the shipped knowledge and the operator's additions. Raises LookupError without size thresholds."""
    calendar = CalendarStore(settings.knowledge, settings.data)
    editions = read_editions(settings.knowledge, settings.data, Clock().today)
    known = editions.on(editions.today())
    thresholds = known.size_thresholds
    if thresholds is None:
        raise LookupError(f"no size thresholds in {known.edition.key}")
    return Sources(ComplaintDates(calendar, editions), thresholds, calendar)
