"""When a head is exported, and how long records are kept. Pure: days and numbers in, an answer out."""

from datetime import date

from anze.policies.rules import anniversary

EVENTS_BETWEEN = 1000
"""After so many new events a head is exported, whatever the day."""
YEARS_KEPT = 5
"""7.4: 至少保留5年，期间不得丢弃、篡改、隐匿和销毁."""


def export_due(last: tuple[date, int] | None, today: date, seq: int) -> bool:
    """Whether the head at place `seq` is to be exported on the Shanghai day `today`.

    `last`: day and place of the last export, None when there was none.
    """
    if last is None:
        return True
    day, exported = last
    return today > day or seq - exported >= EVENTS_BETWEEN


def retained_until(closed_on: date | None, policy_end: date | None) -> date | None:
    """The last day on which a record must still be there: five years from the later of the two days (7.4).

    `closed_on`: when the case was closed or the service filed; None while it is open, and then there is no end yet.
    `policy_end`: the last day covered; None for a case without a policy. Five years from 29 February end on 1 March:
    the term is a minimum, so of two readings the longer one counts.
    """
    if closed_on is None:
        return None
    return anniversary(max(closed_on, policy_end or closed_on), YEARS_KEPT)
