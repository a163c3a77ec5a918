"""Rows whose words are in the chain by digest: what each noun offers, so that a changed one is found."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy.orm import Session

from anze.audit.chain import digest


@dataclass(frozen=True)
class Seal:
    """One digest of the chain beside the row that it stands for.

    `expected` None: there is a row without an event; `actual` None: the row is gone.
    """

    subject: str
    what: str
    """A key of texts/audit.yml under `what`"""
    expected: str | None
    actual: str | None

    @property
    def holds(self) -> bool:
        return self.expected == self.actual


type Source = Callable[[Session], Iterator[Seal]]
"""Every seal of a noun, those that hold too. Reads with anze.audit.raw: nonsense in a row must not stop the search."""


def seal(content: bytes | str | None) -> str | None:
    """The digest of what a column holds."""
    return None if content is None else digest(content)


def pair(subject: str, what: str, expected: list[str], actual: list[str | None]) -> Iterator[Seal]:
    """The seals of several rows of one kind: equal ones belong together, what is left over is paired in its order."""
    left = Counter(actual)
    missing = []
    for one in expected:
        if left[one]:
            left[one] -= 1
            yield Seal(subject, what, one, one)
        else:
            missing.append(one)
    over = list(left.elements())
    for position in range(max(len(missing), len(over))):
        yield Seal(
            subject,
            what,
            missing[position] if position < len(missing) else None,
            over[position] if position < len(over) else None,
        )
