"""The editions of the standard side by side, and which of them is in force on a day.

An edition is a folder: <knowledge>/AQ9010.1/<edition>/ is shipped, <data>/AQ9010.1/<edition>/ is laid there by the
operator. All are read once, at start; a day of the calendar decides which is in force, so none has to be switched.
"""

import logging
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from pathlib import Path

from anze.clock import Clock
from anze.standard.load import KNOWLEDGE, Knowledge, KnowledgeError, load_edition
from anze.standard.models import Check, Due

log = logging.getLogger(__name__)
STANDARD = "AQ9010.1"
"""The folder of the standard's editions"""


@dataclass(frozen=True)
class Course:
    """A check over the editions. `since`: what began before owes it nothing. `dues`: from which day which term."""

    since: date
    dues: tuple[tuple[date, Due], ...]


@dataclass(frozen=True)
class Editions:
    """`by_key`: every edition that is whole, the drafts by age, then the final texts by the day they are in force.

    `broken`: what is wrong with each that the operator added and that could not be read, one line each. `today`: the
    application's day.
    """

    by_key: Mapping[str, Knowledge]
    broken: tuple[str, ...]
    today: Callable[[], date]

    @cached_property
    def periods(self) -> tuple[tuple[date, Knowledge], ...]:
        """From which day which edition is in force: the newest draft until the first final text is."""
        drafts = [known for known in self.by_key.values() if not known.edition.is_final]
        finals = [(_from(known), known) for known in self.by_key.values() if known.edition.is_final]
        first = drafts[-1] if drafts else finals[0][1]
        return ((date.min, first), *finals)

    def on(self, day: date) -> Knowledge:
        """The edition in force on a day."""
        return self.periods[bisect_right(self.periods, day, key=lambda period: period[0]) - 1][1]

    def course(self, check: Check) -> Course:
        """How the editions, one after the other, count a check: what began under one stays on its term.

        An edition that counts it from another event, or has it not, leaves it to the term of `check`.
        """
        since = next((first for first, known in self.periods if check.key in known.check), date.min)
        own = check.due
        if own is None or own.after is None:
            return Course(since, ())
        dues = []
        for first, known in self.periods:
            other = known.check.get(check.key, check)
            same = other.due is not None and (other.subject, other.due.after) == (check.subject, own.after)
            dues.append((first, other.due if same and other.due else own))
        return Course(since, tuple(dues))

    def get(self, key: str) -> Knowledge:
        """A named edition. Raises KnowledgeError."""
        if key not in self.by_key:
            raise KnowledgeError(f"no edition {key}; there are: {', '.join(self.by_key)}")
        return self.by_key[key]


def read_editions(
    shipped: Path, added: Path | None, today: Callable[[], date], prove: Callable[[Knowledge], None] | None = None
) -> Editions:
    """Every edition below both folders; `prove` raises KnowledgeError for an added one that cannot be worked with.

    Raises KnowledgeError for a shipped one that is broken; an added one is logged and left out, so that the others go
    on.
    """
    found: list[Knowledge] = []
    broken: list[str] = []
    for folder in _folders(shipped):
        found.append(_beside(found, folder, _shipped))
    for folder in _folders(added) if added is not None else ():
        try:
            known = _beside(found, folder, load_edition)
            if prove is not None:
                prove(known)
            found.append(known)
        except KnowledgeError as error:
            broken.append(str(error))
            log.error("an added edition is left out: %s", error)
    if not found:
        raise KnowledgeError(f"{shipped / STANDARD}: no edition")
    found.sort(key=lambda known: (_from(known), known.edition.dated, known.edition.key))
    return Editions({known.edition.key: known for known in found}, tuple(broken), today)


@cache
def _shipped(folder: Path) -> Knowledge:
    """What is shipped does not change while the program runs."""
    return load_edition(folder)


def _folders(root: Path) -> Iterator[Path]:
    """A folder counts as an edition from the moment it has an edition.yml."""
    yield from (file.parent for file in sorted((root / STANDARD).glob("*/edition.yml")))


def _beside(others: list[Knowledge], folder: Path, read: Callable[[Path], Knowledge]) -> Knowledge:
    """An edition that can stand beside the others: its key and the day it comes into force are its own."""
    try:
        known = read(folder)
    except (OSError, UnicodeDecodeError) as error:
        raise KnowledgeError(f"{folder}: {error}") from error
    for other in others:
        if other.edition.key == known.edition.key:
            raise KnowledgeError(f"{folder / 'edition.yml'}:1: there is an edition {known.edition.key} already")
        if known.edition.is_final and _from(other) == _from(known):
            raise KnowledgeError(f"{folder / 'edition.yml'}:1: in force from the same day as {other.edition.key}")
    return known


def _from(known: Knowledge) -> date:
    return known.edition.in_force_from or date.min


class _Process:
    """What the whole process goes by: citations are made in many places, and always by the same editions."""

    editions: Editions | None = None


def use(editions: Editions) -> None:
    """From now on these are the editions of this process."""
    _Process.editions = editions


def editions() -> Editions:
    """The editions of this process: those that `use` named, or the shipped ones by the real day."""
    if _Process.editions is None:
        use(read_editions(KNOWLEDGE, None, Clock().today))
    assert _Process.editions is not None
    return _Process.editions


def load(key: str | None = None) -> Knowledge:
    """A named edition, or the one in force today. Raises KnowledgeError."""
    here = editions()
    return here.on(here.today()) if key is None else here.get(key)
