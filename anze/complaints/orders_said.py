"""What a colleague's words say of an order: a name, a day, a reason. Pure."""

import re
from datetime import date, datetime

from anze.calendar.when import first
from anze.calendar.when.model import WorkCalendar

_BECAUSE = re.compile(r"(?:因为|由于|原因是|原因:|理由是|理由:|主要是)\s*(.{4,})")
_TAIL = re.compile(r"[,。;]\s*(?:请|麻烦|帮我|给我|把|所以)?[^,。;]{0,6}(?:延|认定|定成|申请|批|复杂)[^,。;]{0,12}$")
"""What is ordered, after the reason for it: …要等专家意见,申请延期"""
_LEAD = re.compile(r"^(?:因为|由于|原因是|原因[:：]|理由是|理由[:：]|意见[:：]|就写|写上?[:：]|就说)\s*")
_MYSELF = re.compile(r"我自己|给我|转我|派我|归我|我来|我办|本人")


def reason_in(text: str) -> str | None:
    """What stands after 因为 or 原因是, without what is ordered behind it."""
    found = _BECAUSE.search(text)
    reason = _TAIL.sub("", found[1]).strip(" ,。;") if found else ""
    return reason if len(reason) >= _SHORTEST else None


_SHORTEST = 4


def without_lead(text: str) -> str:
    """An answer without the words that only say that it is one."""
    return _LEAD.sub("", text)


def day_in(text: str, now: datetime, calendar: WorkCalendar, *, behind: bool) -> date | None:
    """The one day that is meant; `behind`: it has come. None: no day, several, or a stretch of days."""
    found = first(text, now, calendar=calendar, prefer="past" if behind else "future")
    if found.kind not in {"date", "datetime"} or found.confirm or found.start is None:
        return None
    return found.start.date() if isinstance(found.start, datetime) else found.start


def colleague_in(text: str, colleagues: list[dict[str, str]], mine: str) -> str | None:
    """The login of the one colleague who is named, by name or login; with 我自己 one's own. None: nobody, or several.

    `colleagues`: [{"username", "name", "branch"}…].
    """
    named = [one for one in colleagues if one["name"] in text or _as_word(one["username"], text)]
    # 王强 stands in 王强强 too: the longer name is the one that was said.
    named = [one for one in named if not any(one["name"] != other["name"] and one["name"] in other["name"]
                                             for other in named if other["name"] in text)]  # fmt: skip
    if len(named) > 1:
        named = [one for one in named if one["branch"] in text] or named
    if not named and _MYSELF.search(text):
        named = [one for one in colleagues if one["username"] == mine]
    return named[0]["username"] if len(named) == 1 else None


def _as_word(login: str, text: str) -> bool:
    return re.search(rf"(?<![A-Za-z0-9_.-]){re.escape(login)}(?![A-Za-z0-9_.-])", text, re.IGNORECASE) is not None
