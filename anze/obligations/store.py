"""Runs a question over a compiled check. Every query is limited to the asker's branches here, and nowhere else."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, String, Subquery, and_, case, false, func, literal, or_, select, true
from sqlalchemy.orm import Session

from anze.calendar.rules import WorkCalendar
from anze.identity.branches import branches_of
from anze.identity.models import Branch
from anze.identity.speaker import Speaker
from anze.obligations.compiling import UNDONE, Compiled, Scope, Status, compiled
from anze.obligations.query import Group, Query, When
from anze.obligations.relations import RELATIONS, Asked
from anze.obligations.sql import month_of
from anze.standard.editions import Course
from anze.standard.load import Knowledge
from anze.standard.models import Check

PRESSING = {status: place for place, status in enumerate((*UNDONE, Status.UNKNOWN, Status.MET, Status.NOT_APPLICABLE))}
ENDED_THIS_YEAR, ENDED_EARLY, COMING = "ended", "ended_early", "coming"
"""What stands apart of what is counted in a question about the policy years in force."""


_PHASES = {When.NOW: ("current",), When.CALENDAR_YEAR: ("current", "ended"), When.ENDED: ("ended",),
           When.BETWEEN: ("current", "ended")}  # fmt: skip
_OBLIGED = (Status.MET, *UNDONE)
_KEY = ("id", "insured_id", "item", "branch_id")
"""What tells the rows of any relation apart, as far as it has them"""
_APART = 20
"""How many of each are named"""


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
    """`standard`: the edition that was asked. `counts`: subjects by part, `total` their sum in the question's scope;
    `asked` the parts asked for, `found` how many there are, `rows` one page of them. `groups`: by value. `apart`:
    named, not counted.
    """

    query: Query
    standard: Knowledge
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

    @property
    def check(self) -> Check:
        return self.standard.check[self.query.check]


class Run:
    """One question of one speaker as of a day, by an edition; with a `course`, each subject stays on the one it began
    under."""

    def __init__(self, session: Session, speaker: Speaker, query: Query, standard: Knowledge, today: date,
                 calendar: WorkCalendar, course: Course | None = None) -> None:  # fmt: skip
        self._session, self._query, self._standard, self._today = session, query, standard, today
        self._check, self._course = standard.check[query.check], course
        check = self._check
        self._mine = branches_of(speaker)
        self._relation = RELATIONS.get(check.subject)
        self._calendar = calendar
        self._compiled = self._compile(self._scope) if self._relation is not None else None

    def _compile(self, scope: Scope) -> Compiled:
        assert self._relation is not None
        asked = Asked(self._today, self._query.window.year)
        dialect = self._session.get_bind().dialect.name
        return compiled(self._check, self._relation, asked, self._calendar, dialect, scope, self._course)

    def answer(self, *, page: int = 1, size: int | None = 50, apart: bool = True) -> Answer:
        """Counts, one page of rows and groups; `size` None: all rows, 0: none.

        A check without its data is not connected, and that is all.
        """
        if self._compiled is None:
            return Answer(self._query, self._standard, connected=False, today=self._today)
        tally = self._tally()
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
        rows = self._rows(asked, page, size)
        named = self._apart() if apart and self._compiled.relation.period else {}
        return Answer(
            self._query, self._standard, connected=True, today=self._today, counts=counts, total=sum(counts.values()),
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
        for one in self._tally():
            if one.reference:
                reference += one.count
            else:
                found[Status(one.status)] += one.count
        return {"total": sum(found.values()) + reference, "statuses": {str(k): n for k, n in found.items()},
                "reference": reference}  # fmt: skip

    def pressing(self) -> dict[int, dict[str, int]] | None:
        """Branch → status → how many press: late, near or without proof; where no term ends, all that is undone.

        参照 is left out. None for a check without its data.
        """
        if self._compiled is None:
            return None
        duty = self._compiled.rows.c
        wanted = [status for status in UNDONE if self._check.due is None or status is not Status.NOT_DUE]
        query = (
            select(duty.branch_id, duty.status, func.count())
            .where(self._due(), duty.reference.is_(False), duty.status.in_(wanted), duty.branch_id.is_not(None))
            .group_by(duty.branch_id, duty.status)
            .order_by(duty.branch_id, case(PRESSING, value=duty.status, else_=len(PRESSING)))
        )
        found: dict[int, dict[str, int]] = {}
        for branch_id, status, count in self._session.execute(query):
            found.setdefault(branch_id, {})[str(status)] = count
        return found

    def every_row(self) -> tuple[dict[str, Any], ...]:
        """All rows that were asked for, for a file."""
        if self._compiled is None:
            return ()
        return self._rows(self.asked_parts(), 1, None)

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

    def _scope(self, facts: Any) -> list[ColumnElement[bool]]:
        """The asker's own branches, the filters, the window."""
        return [*self._whose(facts), *self._in_window(facts)]

    def _whose(self, facts: Any) -> list[ColumnElement[bool]]:
        """A filter by what the relation does not know finds nothing: it never widens a question."""
        filters = self._query.filters
        found: list[ColumnElement[bool]] = [facts.branch_id.in_(self._mine)]
        if filters.branch_ids:
            found.append(facts.branch_id.in_(self._trees(filters.branch_ids)))
        named = {
            "province": filters.provinces, "sector": filters.sectors, "size": filters.sizes, "item": filters.items,
            "provider_id": filters.provider_ids, "insured_id": filters.insured_ids, "level": filters.levels,
        }  # fmt: skip
        for name, values in named.items():
            if values:
                found.append(facts[name].in_(values) if name in facts else false())
        for name, values in {"sector": filters.not_sectors, "size": filters.not_sizes}.items():
            if values and name in facts:
                found.append(or_(facts[name].is_(None), facts[name].not_in(values)))
        return found

    def _trees(self, ids: Sequence[int]) -> Select[Any]:
        roots = self._session.scalars(select(Branch.path).where(Branch.id.in_(ids))).all()
        if not roots:
            return select(Branch.id).where(false())
        return select(Branch.id).where(or_(*(Branch.path.startswith(path, autoescape=True) for path in roots)))

    def _in_window(self, facts: Any) -> list[ColumnElement[bool]]:
        assert self._relation is not None
        window = self._query.window
        if window.kind is When.DUE:
            return []  # known when the last day is worked out: _due
        if self._relation.period:
            # A policy year belongs to a stretch of time by its last day.
            stretch = [] if window.kind is When.CALENDAR_YEAR else _between(facts.to_on, window.first, window.last)
            return [facts.phase.in_(_PHASES[window.kind]), *stretch]
        return [] if window.kind is When.NOW else _between(facts.day, window.first, window.last)

    def _due(self) -> ColumnElement[bool]:
        assert self._compiled is not None
        window = self._query.window
        if window.kind is not When.DUE:
            return true()
        return and_(true(), *_between(self._compiled.rows.c.due_on, window.first, window.last))

    def _tally(self) -> list["_Tally"]:
        assert self._compiled is not None
        duty = self._compiled.rows.c
        group = self._group_column()
        by: list[ColumnElement[Any]] = [duty.part, duty.status, duty.reference]
        if self._query.group is not None:
            by.append(group)
        query = select(duty.part, duty.status, duty.reference, group, func.count()).where(self._due()).group_by(*by)
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

    def _rows(self, parts: Sequence[str], page: int, size: int | None) -> tuple[dict[str, Any], ...]:
        assert self._compiled is not None
        if size == 0:
            return ()
        query = self._query
        limit, offset = size, (page - 1) * (size or 0)
        if query.limit is not None and query.group is None:
            limit = max(min(limit or query.limit, query.limit - offset), 0)
        rows = self._compiled.rows
        wanted = select(*rows.c).where(self._due(), self._asked_rows(parts)).order_by(*self._order())
        return self._with_branches(wanted) if limit is None else self._page(wanted.limit(limit).offset(offset))

    def _page(self, wanted: Select[Any]) -> tuple[dict[str, Any], ...]:
        """A few rows out of many: first which, by as little as tells them apart, then all about those."""
        names = [name for name in _KEY if name in wanted.selected_columns]
        chosen = [
            tuple(row)
            for row in self._session.execute(wanted.with_only_columns(*(wanted.selected_columns[n] for n in names)))
        ]
        ids = {row[0] for row in chosen}
        if not ids:
            return ()
        whole = self._compile(lambda facts: [*self._whose(facts), facts.id.in_(ids)]).rows
        found = {tuple(row[name] for name in names): row for row in self._with_branches(select(*whole.c))}
        return tuple(found[key] for key in chosen)

    def _with_branches(self, wanted: Select[Any]) -> tuple[dict[str, Any], ...]:
        rows = [dict(row) for row in self._session.execute(wanted).mappings()]
        ids = {row["branch_id"] for row in rows}
        query = select(Branch.id, Branch.short_name).where(Branch.id.in_(ids))
        names = dict(self._session.execute(query).tuples().all()) if ids else {}
        return tuple(row | {"branch": names[row["branch_id"]]} for row in rows)

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
        return [*first, duty.number, *(duty[name] for name in _KEY if name in duty)]

    def _apart(self) -> dict[str, tuple[int, tuple[dict[str, Any], ...]]]:
        """Beside the years in force: those that ended in this calendar year undone, ended early, not begun yet."""
        if self._query.window.kind is not When.NOW:
            return {}
        began, soon = self._today.replace(month=1, day=1), self._today + timedelta(days=31)
        undone = self._phase(lambda facts: [facts.phase == "ended", facts.to_on >= began, facts.reference.is_(False)])
        early = self._phase(lambda facts: [facts.phase == "ended_early", facts.to_on >= began])
        coming = self._phase(lambda facts: [facts.phase == "coming", facts.from_on <= soon])
        wanted = {
            ENDED_THIS_YEAR: select(*undone.c).where(undone.c.status == Status.OVERDUE),
            ENDED_EARLY: select(*early.c),
            COMING: select(*coming.c),
        }
        found = {}
        for name, query in wanted.items():
            column = query.selected_columns
            keys = [column[key] for key in _KEY if key in column]
            rows = self._page(query.order_by(column.to_on, column.number, *keys).limit(_APART))
            more = len(rows) == _APART
            count = self._session.scalar(select(func.count()).select_from(query.subquery())) if more else len(rows)
            found[name] = (count or 0, rows)
        return found

    def _phase(self, scope: Scope) -> Subquery:
        """Subjects outside the question's window, otherwise by its filters."""
        return self._compile(lambda facts: [*self._whose(facts), *scope(facts)]).rows


def _between(day: ColumnElement[Any], first: date | None, last: date | None) -> list[ColumnElement[bool]]:
    found = []
    if first is not None:
        found.append(day >= first)
    if last is not None:
        found.append(day <= last)
    return found
