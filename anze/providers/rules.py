"""What a provider may be entrusted with (5, 5 a, 5 b). Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

AQ8011 = "AQ8011"
STATUTORY = frozenset({"evaluation", "testing"})
"""安全评价、检测检验 licences (5 b)"""


@dataclass(frozen=True)
class Held:
    """A qualification: its kind, the letters of the items it covers, first and last day (None: open)."""

    kind: str
    items: str
    valid_from: date
    valid_to: date | None

    def valid(self, item: str, day: date) -> bool:
        return item in self.items and self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


def qualified(held: Iterable[Held], item: str, day: date, *, aq8011: bool = False, statutory: bool = False) -> bool:
    """Whether a provider may do a service item on a day.

    `aq8011`: training of principals, safety managers or special operators needs AQ 8011 (5 a). `statutory`: 法定的安全
    评价、检测检验 needs such a licence (5 b). Anything else: any qualification that lists the item (5).
    """
    valid = [one for one in held if one.valid(item, day)]
    if item == "a" and aq8011:
        return any(one.kind == AQ8011 for one in valid)
    if item == "b" and statutory:
        return any(one.kind in STATUTORY for one in valid)
    return bool(valid)
