"""Runs a question over a compiled check. Every query is limited to the asker's branches here, and nowhere else."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, case, false, func, literal, or_, select
from sqlalchemy.orm import Session

from anze.calendar.rules import WorkCalendar
from anze.identity.branches import branches_of
from anze.identity.models import Branch
from anze.identity.speaker import Speaker
from anze.obligations.compiling import UNDONE, Compiled, Status, compiled
from anze.obligations.query import Filters, Group, Query, When
from anze.obligations.relations import RELATIONS, Asked
from anze.obligations.sql import month_of
from anze.standard.models import Check

PRESSING = {status: place for place, status in enumerate((*UNDONE, Status.UNKNOWN, Status.MET, Status.NOT_APPLICABLE))}
ENDED_THIS_YEAR, ENDED_EARLY, COMING = "ended", "ended_early", "coming"
"""What stands apart of what is counted in a question about the policy years in force."""


_PHASES = {When.NOW: ("current",), When.CALENDAR_YEAR: ("current", "ended"), When.ENDED: ("ended",),
           When.BETWEEN: ("current", "ended")}  # fmt: skip
_OBLIGED = (Status.MET, *UNDONE)


@dataclass(frozen=True)
class _Tally:
    part: str
    status: str
    reference: bool
    group: str | None
    count: int

    @property
    def obliged(self) -> bool:
        """It must be done, and it is no 参照."""
        return not self.reference and self.status in _OBLIGED


@dataclass
class GroupCount:
    """One group: how many of what was asked for, of each part; fulfilled, and all that must be."""

    found: int = 0
    done: int = 0
    obliged: int = 0
    parts: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """`counts`: subjects by part, `total` their sum within the question's scope; `asked` the parts asked for, `found`
    how many there are, `rows` one page of them. `groups`: by value. `apart`: named, not counted.
    """

    query: Query
    check: Check
    connected: bool
    today: date
    counts: dict[str, int] = field(default_factory=dict)
    total: int = 0
    found: int = 0
    reference: int = 0
    """How many of the found are 参照 only: never a breach"""
    references: dict[str, int] = field(default_factory=dict)
    """How many of each of `counts` are 参照; the board counts these apart"""
    done: int = 0
    obliged: int = 0
    """Fulfilled, and all that must be; without 参照, 不适用 and 无法判断"""
    asked: tuple[str, ...] = ()
    rows: tuple[dict[str, Any], ...] = ()
    groups: dict[str, "GroupCount"] = field(default_factory=dict)
    apart: dict[str, tuple[dict[str, Any], ...]] = field(default_factory=dict)
    apart_counts: dict[str, int] = field(default_factory=dict)


class Run:
    """One question of one speaker as of a day."""

    def __init__(self, session: Session, speaker: Speaker, query: Query, check: Check, today: date,
                 calendar: WorkCalendar) -> None:  # fmt: skip
        self._session, self._query, self._check, self._today = session, query, check, today
        self._mine = branches_of(speaker)
        relation = RELATIONS.get(check.subject)
        self._compiled: Compiled | None = None
        if relation is not None:
            asked = Asked(today, query.window.year)
            dialect = session.get_bind().dialect.name
            self._compiled = compiled(check, relation, asked, calendar, dialect)

    def answer(self, *, page: int = 1, size: int | None = 50, apart: bool = True) -> Answer:
        """Counts, one page of rows and groups. A check without its data is not connected, and that is all."""
        if self._compiled is None:
            return Answer(self._query, self._check, connected=False, today=self._today)
        scope = self._scope()
        tally = self._tally(scope)
        counts: dict[str, int] = {}
        references: dict[str, int] = {}
        groups: dict[str, GroupCount] = {}
        reference = done = obliged = 0
        asked = self.asked_parts()
        found = 0
        for one in tally:
            counts[one.part] = counts.get(one.part, 0) + one.count
            wanted = self._is_asked(one, asked)
            found += one.count if wanted else 0
            if one.reference:
                reference += one.count if wanted else 0
                references[one.part] = references.get(one.part, 0) + one.count
            elif one.obliged:
                obliged += one.count
                done += one.count if one.status == Status.MET else 0
            if self._query.group is not None:
                of_group = groups.setdefault(one.group or "", GroupCount())
                of_group.parts[one.part] = of_group.parts.get(one.part, 0) + one.count
                of_group.found += one.count if wanted else 0
                of_group.obliged += one.count if one.obliged else 0
                of_group.done += one.count if one.obliged and one.status == Status.MET else 0
        rows = self._rows(scope, asked, page, size)
        named = self._apart() if apart and self._compiled.relation.period else {}
        return Answer(
            self._query, self._check, connected=True, today=self._today, counts=counts, total=sum(counts.values()),
            found=found, reference=reference, references=references, done=done, obliged=obliged, asked=asked,
            rows=rows, groups=groups,
            apart={name: listed for name, (_, listed) in named.items()},
            apart_counts={name: count for name, (count, _) in named.items()},
        )  # fmt: skip

    def tally(self) -> dict[str, Any]:
        """{"total", "statuses": {status: count}, "reference"}: of the subjects in scope; 参照 ones stand apart."""
        if self._compiled is None:
            return {}
        found = dict.fromkeys(Status, 0)
        reference = 0
        for one in self._tally(self._scope()):
            if one.reference:
                reference += one.count
            else:
                found[Status(one.status)] += one.count
        return {"total": sum(found.values()) + reference, "statuses": {str(k): n for k, n in found.items()},
                "reference": reference}  # fmt: skip

    def every_row(self) -> tuple[dict[str, Any], ...]:
        """All rows that were asked for, for a file."""
        if self._compiled is None:
            return ()
        return self._rows(self._scope(), self.asked_parts(), 1, None)

    def asked_parts(self) -> tuple[str, ...]:
        """The parts that the question is after."""
        filters = self._query.filters
        if filters.parts:
            return filters.parts
        if filters.all_parts:
            return tuple(part.key for part in self._check.parts) or tuple(Status)
        if self._check.parts:
            return tuple(part.key for part in self._check.parts if part.asked)
        return tuple(UNDONE)

    def _is_asked(self, one: "_Tally", asked: Sequence[str]) -> bool:
        return one.part in asked or (bool(self._check.parts) and not one.reference and one.status in asked)

    def _asked_rows(self, asked: Sequence[str]) -> ColumnElement[bool]:
        """The same in SQL. A status asks for the subjects that must fulfil the duty, whatever part they are in."""
        assert self._compiled is not None
        duty = self._compiled.rows.c
        part = duty.part.in_(list(asked))
        if not self._check.parts:
            return part
        return or_(part, and_(duty.reference.is_(False), duty.status.in_(list(asked))))

    def _scope(self) -> ColumnElement[bool]:
        assert self._compiled is not None
        duty = self._compiled.rows.c
        conditions: list[ColumnElement[bool]] = [duty.branch_id.in_(self._mine)]
        conditions += self._filtered(self._query.filters)
        conditions += self._in_window()
        return and_(*conditions)

    def _filtered(self, filters: Filters) -> list[ColumnElement[bool]]:
        """A filter by what the relation does not know finds nothing: it never widens a question."""
        assert self._compiled is not None
        duty = self._compiled.rows.c
        found: list[ColumnElement[bool]] = []
        if filters.branch_ids:
            found.append(duty.branch_id.in_(self._trees(filters.branch_ids)))
        named = {
            "province": filters.provinces, "sector": filters.sectors, "size": filters.sizes, "item": filters.items,
            "provider_id": filters.provider_ids, "insured_id": filters.insured_ids, "level": filters.levels,
        }  # fmt: skip
        for name, values in named.items():
            if values:
                found.append(duty[name].in_(values) if name in duty else false())
        for name, values in {"sector": filters.not_sectors, "size": filters.not_sizes}.items():
            if values and name in duty:
                found.append(or_(duty[name].is_(None), duty[name].not_in(values)))
        return found

    def _trees(self, ids: Sequence[int]) -> Select[Any]:
        roots = self._session.scalars(select(Branch.path).where(Branch.id.in_(ids))).all()
        if not roots:
            return select(Branch.id).where(false())
        return select(Branch.id).where(or_(*(Branch.path.startswith(path, autoescape=True) for path in roots)))

    def _in_window(self) -> list[ColumnElement[bool]]:
        assert self._compiled is not None
        duty, window = self._compiled.rows.c, self._query.window
        if window.kind is When.DUE:
            return _between(duty.due_on, window.first, window.last)
        if self._compiled.relation.period:
            # A policy year belongs to a stretch of time by its last day.
            stretch = [] if window.kind is When.CALENDAR_YEAR else _between(duty.to_on, window.first, window.last)
            return [duty.phase.in_(_PHASES[window.kind]), *stretch]
        return [] if window.kind is When.NOW else _between(duty.day, window.first, window.last)

    def _tally(self, scope: ColumnElement[bool]) -> list["_Tally"]:
        assert self._compiled is not None
        duty = self._compiled.rows.c
        group = self._group_column()
        by: list[ColumnElement[Any]] = [duty.part, duty.status, duty.reference]
        if self._query.group is not None:
            by.append(group)
        query = select(duty.part, duty.status, duty.reference, group, func.count()).where(scope).group_by(*by)
        return [
            _Tally(part, status, bool(reference), None if value is None else str(value), count)
            for part, status, reference, value, count in self._session.execute(query)
        ]

    def _group_column(self) -> ColumnElement[Any]:
        assert self._compiled is not None
        duty, group = self._compiled.rows.c, self._query.group
        if group is None:
            return literal(None, String)
        if group is Group.MONTH:
            return month_of(duty.day)
        name = "branch_id" if group is Group.BRANCH else group.value
        return duty[name] if name in duty else literal(None, String)

    def _rows(
        self, scope: ColumnElement[bool], parts: Sequence[str], page: int, size: int | None
    ) -> tuple[dict[str, Any], ...]:
        assert self._compiled is not None
        duty, query = self._compiled.rows.c, self._query
        listed = select(*duty, Branch.short_name.label("branch")).join_from(
            self._compiled.rows, Branch, Branch.id == duty.branch_id
        )
        listed = listed.where(scope, self._asked_rows(parts)).order_by(*self._order())
        limit, offset = size, (page - 1) * (size or 0)
        if query.limit is not None and query.group is None:
            limit = max(min(limit or query.limit, query.limit - offset), 0)
        if limit is not None:
            listed = listed.limit(limit).offset(offset)
        return tuple(dict(row) for row in self._session.execute(listed).mappings())

    def _order(self) -> list[Any]:
        assert self._compiled is not None
        duty = self._compiled.rows.c
        if self._query.order == "name" and "insured" in duty:
            first: list[ColumnElement[Any]] = [duty.insured]
        else:
            pressing = case(PRESSING, value=duty.status, else_=len(PRESSING))
            first = [pressing, duty.due_on.is_(None), duty.due_on]
        if self._query.descending:
            first = [one.desc() for one in first]
        return [*first, duty.number, duty.id]

    def _apart(self) -> dict[str, tuple[int, tuple[dict[str, Any], ...]]]:
        """Beside the years in force: those that ended in this calendar year undone, ended early, not begun yet."""
        assert self._compiled is not None
        if self._query.window.kind is not When.NOW:
            return {}
        duty = self._compiled.rows.c
        began = self._today.replace(month=1, day=1)
        whose = [duty.branch_id.in_(self._mine), *self._filtered(self._query.filters)]
        wanted = {
            ENDED_THIS_YEAR: and_(duty.phase == "ended", duty.to_on >= began, duty.status == Status.OVERDUE,
                                  duty.reference.is_(False)),
            ENDED_EARLY: and_(duty.phase == "ended_early", duty.to_on >= began),
            COMING: and_(duty.phase == "coming", duty.from_on <= self._today + timedelta(days=31)),
        }  # fmt: skip
        found = {}
        for name, condition in wanted.items():
            count = self._session.scalar(select(func.count()).select_from(self._compiled.rows).where(*whose, condition))
            listed = (
                select(*duty, Branch.short_name.label("branch"))
                .join_from(self._compiled.rows, Branch, Branch.id == duty.branch_id)
                .where(*whose, condition)
                .order_by(duty.to_on, duty.number, duty.id)
                .limit(20)
            )
            found[name] = (count or 0, tuple(dict(row) for row in self._session.execute(listed).mappings()))
        return found


def _between(day: ColumnElement[Any], first: date | None, last: date | None) -> list[ColumnElement[bool]]:
    found = []
    if first is not None:
        found.append(day >= first)
    if last is not None:
        found.append(day <= last)
    return found
