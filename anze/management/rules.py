"""Which services a spot check draws. Pure."""

import hashlib
from collections.abc import Iterable

TESTED_DAYS = 90
"""A channel counts as open so long after it was tried (内部目标, the standard gives no figure)"""


def drawn(numbers: Iterable[str], seed: str, count: int) -> list[str]:
    """So many of these services, by the digest of seed and number: nobody chooses, and anybody can draw again."""
    return sorted(numbers, key=lambda number: hashlib.sha256(f"{seed}:{number}".encode()).hexdigest())[:count]
