"""A check of knowledge/ as SQL: for each subject its status, its last day, and the part of the answer it falls into."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Date,
    FromClause,
    Select,
    Subquery,
    and_,
    case,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.types import TypeEngine

from anze.calendar.rules import WorkCalendar
from anze.obligations.relations.base import Asked, Relation
from anze.obligations.sql import plus_days, working_day_terms
from anze.standard.editions import Course
from anze.standard.models import Ahead, Check, Due


class Status(StrEnum):
    """已满足 · 未到期 · 即将到期 · 逾期 · 缺证据 · 不适用 · 无法判断."""

    MET = "met"
    NOT_DUE = "not_due"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    UNPROVEN = "unproven"
    NOT_APPLICABLE = "not_applicable"
    UNKNOWN = "unknown"


UNDONE = (Status.OVERDUE, Status.UNPROVEN, Status.DUE_SOON, Status.NOT_DUE)
"""What is still to be done, the most pressing first."""
OWN = ("status", "late", "due_on", "done_on", "part")
"""Columns that a compiled check adds to the facts of its subjects."""


class CheckError(Exception):
    """A check names a fact that its relation does not have, or uses it as what it is not."""


@dataclass(frozen=True)
class Compiled:
    """`rows`: the facts of every subject and OWN beside them."""

    check: Check
    relation: Relation
    rows: Subquery


type Scope = Callable[[Any], Sequence[ColumnElement[bool]]]
"""Facts → which subjects are meant"""


def compiled(
    check: Check,
    relation: Relation,
    asked: Asked,
    calendar: WorkCalendar,
    dialect: str,
    scope: Scope,
    course: Course | None = None,
) -> Compiled:
    """The SQL of a check as of a day, for the subjects in `scope`. Raises CheckError with what is wrong in the row.

    With a `course`, what began under an earlier edition keeps that one's term, or owes nothing that is new since.
    """
    return _Compiler(check, relation, asked, calendar, dialect, scope, course).compiled()


class _Compiler:
    def __init__(
        self, check: Check, relation: Relation, asked: Asked, calendar: WorkCalendar, dialect: str, scope: Scope,
        course: Course | None,
    ) -> None:  # fmt: skip
        self._check, self._relation, self._asked, self._calendar = check, relation, asked, calendar
        self._dialect, self._course = dialect, course
        every = relation.facts(asked)
        self._facts = self._once(select(*every.c).where(and_(true(), *scope(every.c)))).subquery("facts")
        self._source: FromClause = self._facts

    def compiled(self) -> Compiled:
        done, done_on = self._done()
        due = self._due()
        late = self._late(done, done_on, due)
        status = self._status(done, late, due)
        facts = list(self._facts.c)
        judged = select(
            *facts, status.label("status"), late.label("late"), due.label("due_on"), done_on.label("done_on")
        ).select_from(self._source)
        rows = self._with_part(self._once(judged).subquery("judged"))
        return Compiled(self._check, self._relation, rows.subquery("duty"))

    def _once(self, rows: Select[Any]) -> Select[Any]:
        """Each column is worked out once for a row, however often it is named above: OFFSET is left as it stands.

        For years, whose facts are looked up in other tables, at a dozen mentions each. Elsewhere SQLite would work
        out the facts that nobody names, too.
        """
        return rows.offset(0) if self._relation.period else rows

    def _fact(self, name: str) -> ColumnElement[Any]:
        if name not in self._facts.c:
            raise CheckError(f"{self._check.key}: {self._relation.name} has no fact {name}")
        return self._facts.c[name]

    def _day(self, name: str) -> ColumnElement[Any]:
        fact = self._fact(name)
        if not isinstance(_type(fact), Date):
            raise CheckError(f"{self._check.key}: {name} is not a day")
        return fact

    def _done(self) -> tuple[ColumnElement[bool], ColumnElement[Any]]:
        """Whether it is done as of today, and the day when it was (NULL for a truth without a day)."""
        fact = self._fact(self._check.done)
        if isinstance(_type(fact), Boolean):
            return fact.is_(True), literal(None, Date)
        day = self._day(self._check.done)
        seen = case((day <= self._asked.today, day))
        return seen.is_not(None), seen

    def _due(self) -> ColumnElement[Any]:
        due = self._check.due
        if due is None:
            return literal(None, Date)
        if due.by is not None:
            return self._day(due.by)
        after = self._day(str(due.after))
        (_, first), *later = self._course.dues if self._course and self._course.dues else ((date.min, due),)
        term = {(one.working_days, one.days): one for one in (first, *(one for _, one in later))}
        last = {key: self._term(after, one) for key, one in term.items()}
        # The latest edition that was in force on the day from which is counted.
        whens = [(after >= day, last[one.working_days, one.days]) for day, one in reversed(later)]
        rest = last[first.working_days, first.days]
        return case(*whens, else_=rest) if len(last) > 1 else rest

    def _term(self, after: ColumnElement[Any], due: Due) -> ColumnElement[Any]:
        if due.days is not None:
            return plus_days(after, due.days)
        terms = working_day_terms(self._dialect, self._calendar, int(due.working_days or 0), self._asked.today)
        self._source = self._source.outerjoin(terms, terms.c.day == after)
        return terms.c.last

    def _began_before(self) -> ColumnElement[bool] | None:
        """Whether a subject began before there was the duty; None when there always was."""
        if self._course is None or self._course.since == date.min:
            return None
        due = self._check.due
        began = (
            due.after if due is not None and due.after is not None else "from_on" if self._relation.period else "day"
        )
        return self._day(began) < self._course.since

    def _late(self, done: ColumnElement[bool], done_on: ColumnElement[Any], due: Any) -> ColumnElement[bool]:
        """Late for good: done after its last day, or a breach that nothing cures."""
        late = and_(done, done_on.is_not(None), due.is_not(None), done_on > due)
        if self._check.breach:
            late = or_(late, self._holds(self._check.breach))
        return case((late, True), else_=False)

    def _status(self, done: ColumnElement[bool], late: ColumnElement[bool], due: Any) -> ColumnElement[str]:
        check, today = self._check, self._asked.today
        whens: list[tuple[Any, Any]] = []
        if (before := self._began_before()) is not None:
            whens.append((before, literal(Status.NOT_APPLICABLE.value)))
        if check.unknown:
            whens.append((self._holds(check.unknown), literal(Status.UNKNOWN.value)))
        if check.applies:
            whens.append((or_(~self._holds(check.applies)), literal(Status.NOT_APPLICABLE.value)))
        whens.append((late, literal(Status.OVERDUE.value)))
        if check.proof:
            unproven = or_(*(~_present(self._fact(name)) for name in check.proof))
            whens.append((and_(done, unproven), literal(Status.UNPROVEN.value)))
        whens.append((done, literal(Status.MET.value)))
        if check.claimed:
            whens.append((_present(self._fact(check.claimed)), literal(Status.UNPROVEN.value)))
        whens.append((due < today, literal(Status.OVERDUE.value)))
        whens.append((due <= self._soon(check.ahead), literal(Status.DUE_SOON.value)))
        return case(*whens, else_=Status.NOT_DUE.value)

    def _soon(self, ahead: Ahead | None) -> date:
        today = self._asked.today
        if ahead is None:
            return today
        if ahead.working_days is not None:
            return self._calendar.nth_after(today, ahead.working_days)
        return today + timedelta(days=ahead.days or 0)

    def _with_part(self, judged: Subquery) -> Select[Any]:
        """Parts may ask for facts and for the status, so they are a select around it. Without parts: the status."""
        if not self._check.parts:
            return select(*judged.c, judged.c.status.label("part"))
        for part in self._check.parts:
            for name in part.when:
                if name not in judged.c:
                    raise CheckError(f"{self._check.key}: {self._relation.name} has no fact {name}")
        whens = [(holds(part.when, judged.c), literal(part.key)) for part in self._check.parts if part.when]
        rest = next((part.key for part in self._check.parts if not part.when), None)
        return select(*judged.c, case(*whens, else_=rest).label("part"))

    def _holds(self, wanted: Mapping[str, Any]) -> ColumnElement[bool]:
        for name in wanted:
            self._fact(name)
        return holds(wanted, self._facts.c)


def holds(wanted: Mapping[str, Any], facts: Any) -> ColumnElement[bool]:
    """Whether facts are as wanted; never NULL."""
    return and_(true(), *(_is(facts[name], value) for name, value in wanted.items()))


def _is(fact: ColumnElement[Any], value: Any) -> ColumnElement[bool]:
    if value == "present":
        return _present(fact)
    if value == "absent":
        return ~_present(fact)
    if isinstance(value, bool):
        return case((fact.is_(value), True), else_=False).is_(True)
    values = list(value) if isinstance(value, tuple) else [value]
    return and_(fact.is_not(None), fact.in_(values))


def _present(fact: ColumnElement[Any]) -> ColumnElement[bool]:
    """There is one; a truth must be true."""
    return and_(fact.is_not(None), fact.is_(True)) if isinstance(_type(fact), Boolean) else fact.is_not(None)


def _type(fact: ColumnElement[Any]) -> TypeEngine[Any]:
    return fact.type
