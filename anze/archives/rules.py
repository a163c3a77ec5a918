"""What an archive must hold by Table B.1, and what is missing. Pure.

A line asks for one or more kinds. Of lines that are `either` one is enough (item e, AMB-22). Item g has no row in the
table: there the eight elements of 6.3 are asked for (AMB-22).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

from anze.archives.kinds import Kind

ELEMENTS = ("time", "place", "provider", "people", "item", "measures", "process", "follow_up")
"""6.3: 时间、地点、服务机构、服务人员、服务项目、服务措施、服务过程和回访情况"""
RECORD_CODE = "g1"
ALIKE_BITS = 4
"""So many of 64 bits may differ in pictures that look alike"""
FAR_KM = 20.0
_EARTH_KM = 6371.0


@dataclass(frozen=True)
class Line:
    """A line of the table for a service item; `code` ours, `kinds` what it asks for."""

    code: str
    text: str
    kinds: tuple[Kind, ...]
    either: bool = False


type Kept = Mapping[Kind, Collection[str]]
"""What there is: by kind the codes of the lines it was kept for. What the program has by itself has the code ""."""


def has(line: Line, kind: Kind, kept: Kept) -> bool:
    """Whether a line has a kind that it asks for.

    What is kept for another line counts too, but not where one line of several is enough: there it must be this one's.
    A report of the provider stands for any line that asks for one; our own record is no list of supplies (e3).
    """
    codes = kept.get(kind, ())
    if not line.either:
        return bool(codes)
    return line.code in codes or (kind is Kind.REPORT and "" in codes)


def missing(lines: Sequence[Line], kept: Kept) -> list[tuple[Line, Kind]]:
    """Each kind that a line still asks for, in the order of the table. Of `either` lines: of the one that has most
    already, the first of equals."""
    found = [(line, kind) for line in lines if not line.either for kind in line.kinds if not has(line, kind, kept)]
    ways = [line for line in lines if line.either]
    gaps: list[list[tuple[Line, Kind]]] = [
        [(line, kind) for kind in line.kinds if not has(line, kind, kept)] for line in ways
    ]
    if gaps and all(gaps):
        found += sorted(gaps, key=len)[0]
    order = {line.code: place for place, line in enumerate(lines)}
    return sorted(found, key=lambda one: order[one[0].code])


def elements_missing(said: Mapping[str, bool]) -> list[str]:
    """Which of the eight elements of 6.3 a service's record does not say."""
    return [name for name in ELEMENTS if not said[name]]


def differing_bits(one: str, other: str) -> int:
    """How many of the 64 bits of two looks differ."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


def distance_km(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Along the earth's surface between two points of (latitude, longitude) in degrees (haversine)."""
    (lat1, lon1), (lat2, lon2) = ((radians(a), radians(b)) for a, b in (one, other))
    half = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * _EARTH_KM * asin(min(1.0, sqrt(half)))


def middle(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The one of the points that is nearest to all of them together (the medoid): one far off does not move it."""
    return min(points, key=lambda one: sum(distance_km(one, other) for other in points))
