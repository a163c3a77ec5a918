"""The register (登记册) of a period: what it covers, its sums, what a correction changed, its digest. Pure."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from anze.audit.chain import canonical, digest
from anze.texts import shortened

_PERIOD = re.compile(r"(20\d\d)-(?:(0[1-9]|1[0-2])|Q([1-4]))")
_QUARTER = 3
_DIGITS = re.compile(r"\d[\d\s-]{5,}\d")
_TITLED = re.compile(r"[\u4e00-\u9fff](?=(?:先生|女士|小姐|师傅|经理|主任|老师|总(?![公部计的体]))(?!会))")
FIRST_WORDS = 30
"""Characters of a decision that a register shows; the whole is in the case, its digest beside them"""
SUMMED = ("source", "kind", "form", "status", "branch", "cause", "provider")
"""Fields whose values are counted; a row without one is counted under "none"."""
NONE = "none"

type Row = dict[str, Any]


@dataclass(frozen=True)
class Period:
    """A month or a quarter; both days belong to it."""

    name: str
    first: date
    last: date


def period_of(text: str) -> Period | None:
    """2026-10 or 2026-Q4; None for anything else."""
    found = _PERIOD.fullmatch(text)
    if found is None:
        return None
    year, month, quarter = found.groups()
    first_month = int(month) if month else (int(quarter) - 1) * _QUARTER + 1
    first = date(int(year), first_month, 1)
    after = first_month + (1 if month else _QUARTER)
    end = date(first.year + (after > 12), (after - 1) % 12 + 1, 1)
    return Period(text, first, end - timedelta(days=1))


def sums(rows: Iterable[Row]) -> dict[str, Any]:
    """`total`, `by_<field>` {value: count}, `timely` {"judged", "timely", "permille"}, `timely_by_<field>` the same.

    Judged is a case whose answer is known to be in time or late on both its clocks; `permille` None without any.
    """
    listed = list(rows)
    found: dict[str, Any] = {"total": len(listed), "timely": _timely(listed)}
    for field in SUMMED:
        counted = Counter(str(row[field] or NONE) for row in listed)
        found[f"by_{field}"] = dict(sorted(counted.items()))
    for field in ("source", "kind", "cause"):
        values = found[f"by_{field}"]
        found[f"timely_by_{field}"] = {
            value: _timely([row for row in listed if str(row[field] or NONE) == value]) for value in values
        }
    return found


def _timely(rows: list[Row]) -> dict[str, int | None]:
    judged = [row for row in rows if row["timely"] is not None]
    timely = sum(1 for row in judged if row["timely"])
    permille = (timely * 1000 + len(judged) // 2) // len(judged) if judged else None
    return {"judged": len(judged), "timely": timely, "permille": permille}


def changes(old: Iterable[Row], new: Iterable[Row]) -> list[Row]:
    """What a later version says otherwise, by number: [{"number", "field", "old", "new"}…].

    Of a row that is in one of them only, the field is "row" and the other side None.
    """
    before, after = ({str(row["number"]): row for row in rows} for rows in (old, new))
    found: list[Row] = []
    for number in sorted(before.keys() | after.keys()):
        if number not in before or number not in after:
            found.append({"number": number, "field": "row", "old": before.get(number), "new": after.get(number)})
            continue
        for field in after[number]:
            one, other = before[number].get(field), after[number][field]
            if one != other:
                found.append({"number": number, "field": field, "old": one, "new": other})
    return found


def sealed(branch_id: int, period: str, version: int, until: str, content: dict[str, Any]) -> str:
    """The SHA-256 by which the chain knows a version."""
    return digest(canonical({
        "branch": branch_id, "period": period, "version": version, "until": until, "content": content,
    }))  # fmt: skip


def first_words(text: str, names: Iterable[str | None], hidden: str) -> str:
    """The beginning of a decision without personal data: known names, titled surnames and long numbers are hidden."""
    plain = " ".join(text.split())
    for name in sorted({name for name in names if name and len(name) > 1}, key=len, reverse=True):
        plain = plain.replace(name, hidden)
    plain = _TITLED.sub(hidden[:1], _DIGITS.sub(hidden, plain))
    return shortened(plain, FIRST_WORDS)
