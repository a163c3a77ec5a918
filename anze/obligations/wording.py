"""Questions and answers of the engine in words: how a question was understood, what came out."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from anze.clock import SHANGHAI
from anze.obligations.compiling import Status
from anze.obligations.query import Filters, Query, When, Window
from anze.obligations.relations import RELATIONS
from anze.obligations.store import Answer
from anze.standard.models import Check
from anze.texts import text

_VALUES = ("sector", "size", "item", "level", "kind", "purpose", "outcome")
_NAMED_APART = 5


def say(key: str, **fields: Any) -> str:
    return text(f"obligation.{key}", **fields)


def pressing(what: str, counts: Mapping[str, int]) -> str:
    """20个工作日内归档：逾期 3、即将到期 2."""
    said = [say("remind.round_count", status=say(f"status.{status}"), count=count) for status, count in counts.items()]
    return say("remind.round", what=what, counts="、".join(said))


def part_name(check: Check, key: str) -> str:
    """已做隐患排查, 逾期."""
    own = next((part.name for part in check.parts if part.key == key), None)
    return own or say(f"status.{key}")


def value_name(fact: str, value: Any) -> str:
    """A value of a fact as people read it."""
    if value is None or value == "":
        return say("value.none")
    if isinstance(value, bool):
        return say("value.yes" if value else "value.no")
    if isinstance(value, date):
        return value.isoformat()
    if fact in _VALUES:
        return say(f"value.{fact}.{value}")
    return str(value)


def period(check: Check) -> bool:
    """Whether its subjects are policy years."""
    relation = RELATIONS.get(check.subject)
    return relation is not None and relation.period


def window_words(window: Window, check: Check) -> str:
    """现在在保的保单年度, 上季度的."""
    if window.kind is When.NOW:
        return say("window.now_period" if period(check) else "window.now")
    if window.kind is When.CALENDAR_YEAR:
        return say("window.calendar_year", year=window.year)
    days = _days(window)
    key = {When.DUE: "due", When.ENDED: "ended"}.get(window.kind, "between_period" if period(check) else "between")
    return say(f"window.{key}", days=days)


def _days(window: Window) -> str:
    first, last = (day.isoformat() if day else None for day in (window.first, window.last))
    if first == last:
        return say("window.one_day", first=first)
    if first is None:
        return say("window.until", last=last)
    if last is None:
        return say("window.since", first=first)
    return say("window.days", first=first, last=last)


def understood(query: Query, check: Check, names: "Named") -> str:
    """The first line: how the question was understood."""
    filters = query.filters
    parts = [names.branches_words(filters.branch_ids), window_words(query.window, check), check.name]
    parts += names.filter_words(filters)
    if filters.all_parts:
        pass
    elif filters.parts:
        parts.append(say("parts", what="、".join(part_name(check, key) for key in filters.parts)))
    else:
        parts.append(say("parts", what=check.undone))
    if query.group:
        parts.append(say("group_by", group=say(f"group.{query.group}")))
    if query.limit:
        parts.append(say("first", count=query.limit))
    return say("understood", what="，".join(part for part in parts if part))


def short(query: Query, checks: Mapping[str, Check], names: "Named") -> str:
    """A question as a title: 南京 · 还没回访 · 上季度."""
    check, filters = checks.get(query.check), query.filters
    if check is None:
        return say("gone")
    parts = [names.branches_words(filters.branch_ids), check.undone, *names.filter_words(filters)]
    if query.window.kind is not When.NOW:
        parts.append(window_words(query.window, check))
    return " · ".join(part for part in parts if part)


class Named:
    """Names of what a query has by id, for its words."""

    def __init__(self, branches: dict[int, str], providers: dict[int, str], scope: str) -> None:
        self._branches, self._providers, self.scope = branches, providers, scope

    def branches_words(self, ids: Iterable[int]) -> str:
        named = [self._branches.get(id_) or say("scope_none") for id_ in ids]
        return "、".join(dict.fromkeys(named)) or self.scope

    def provider(self, id_: int) -> str:
        return self._providers.get(id_, "")

    def branch(self, id_: int) -> str:
        return self._branches.get(id_, "")

    def filter_words(self, filters: Filters) -> list[str]:
        """Each filter as a few words, but for the branches."""
        found = [
            "、".join(value_name(fact, value) for value in values)
            for fact, values in (("sector", filters.sectors), ("size", filters.sizes), ("item", filters.items),
                                 ("level", filters.levels), ("province", filters.provinces))
        ]  # fmt: skip
        found.append("、".join(self.provider(id_) for id_ in filters.provider_ids))
        for fact, values in (("sector", filters.not_sectors), ("size", filters.not_sizes)):
            if values:
                found.append(say("without", what="、".join(value_name(fact, value) for value in values)))
        return [one for one in found if one]


def rate(answer: Answer) -> str | None:
    """Done of what must be done, in percent with one digit; None without any."""
    return percent(answer.done, answer.obliged)


def percent(done: int, all_: int) -> str | None:
    """68.2%; None of nothing."""
    if not all_:
        return None
    permille = (done * 1000 + all_ // 2) // all_
    return f"{permille // 10}.{permille % 10}%"


def columns(answer: Answer) -> list[str]:
    """Facts of the table, in order."""
    relation = RELATIONS[answer.check.subject]
    names = [*relation.shown, "branch", "part"]
    if "due_on" not in names and answer.check.due is not None and answer.check.due.by not in relation.shown:
        names.insert(len(names) - 2, "due_on")
    return names


def cells(answer: Answer, row: dict[str, Any]) -> list[str]:
    """A row in words."""
    found = []
    for name in columns(answer):
        if name == "part":
            word = part_name(answer.check, row["part"])
            marks = [say(f"mark.{mark}") for mark in ("reference", "late") if row.get(mark)]
            found.append(word + (f"（{'、'.join(marks)}）" if marks else ""))
        else:
            value = row.get(name)
            found.append("" if value is None else value_name(name, value))
    return found


def lines(answer: Answer, names: Named, now: datetime, edition: str, clause: str) -> list[str]:
    """The answer in sentences: sums, what stands apart, where it is from."""
    check = answer.check
    if not answer.connected:
        return [say("not_connected", name=check.name, clause=clause)]
    found = [say("found", total=answer.total, undone=_what(answer), found=answer.found)]
    sums = [say("sum", name=part_name(check, key), count=count) for key, count in ordered(answer).items() if count]
    if sums:
        found.append(say("sums", parts=" + ".join(sums), total=answer.total))
    if answer.query.share:
        share = rate(answer)
        found.append(say("share", rate=share, done=answer.done, all=answer.obliged) if share else say("no_share"))
    if answer.reference:
        found.append(say("reference", count=answer.reference))
    if check.due is not None and check.due.internal:
        found.append(say("internal"))
    for name, count in answer.apart_counts.items():
        if count:
            named = "、".join(dict.fromkeys(str(row["insured"]) for row in answer.apart[name][:_NAMED_APART]))
            more = say("apart.more", names=named) if count > _NAMED_APART else named
            found.append(say(f"apart.{name}", count=count, names=more))
    local = now.astimezone(SHANGHAI)
    found.append(say("as_of", day=answer.today.isoformat(), time=f"{local:%H:%M}", edition=edition))
    return found


def _what(answer: Answer) -> str:
    filters = answer.query.filters
    if filters.all_parts or filters.parts:
        return "、".join(part_name(answer.check, key) for key in answer.asked) if filters.parts else ""
    return answer.check.undone


def ordered(answer: Answer) -> dict[str, int]:
    """Counts in the order of the parts or statuses."""
    keys = [part.key for part in answer.check.parts] or list(Status)
    return {key: answer.counts.get(key, 0) for key in keys}


def group_name(answer: Answer, value: str, names: Named) -> str:
    """The name of a group's value."""
    group = answer.query.group
    if value == "":
        return say("value.none")
    if group == "branch":
        return names.branch(int(value))
    if group == "provider":
        return value
    if group == "part":
        return part_name(answer.check, value)
    return value_name(str(group), value)
