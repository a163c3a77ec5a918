"""What the demo data take from the knowledge in force: legal dates and size classes."""

from dataclasses import dataclass

from anze.calendar.data import CalendarStore
from anze.complaints.clocks import load_complaint_clocks
from anze.complaints.dates import ComplaintDates
from anze.settings import Settings
from anze.standard.load import load
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
    dates = ComplaintDates(calendar, load_complaint_clocks(settings.knowledge))
    thresholds = load(dates.edition).size_thresholds
    if thresholds is None:
        raise LookupError(f"no size thresholds in {dates.edition}")
    return Sources(dates, thresholds, calendar)
