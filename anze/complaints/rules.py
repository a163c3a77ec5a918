"""The legal clock of a complaint (6.4), and the second one of 令2020年第3号. Pure: facts and a day in, dates out.

The day of an event is day 0; an instant counts as its Shanghai date; the last day runs to 24:00.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import StrEnum

from anze.calendar.rules import WorkCalendar
from anze.calendar.terms import Term
from anze.calendar.timeline import Interval, Stopped, Timeline, Unit
from anze.clock import legal_date
from anze.complaints.clocks import Approver, ClockLaw, ComplaintClocks


class _Days:
    """Dates may be given as aware instants; they are kept as Shanghai dates. A naive instant raises ValueError."""

    def __post_init__(self) -> None:
        for field in fields(self):  # type: ignore[arg-type] # every subclass is a dataclass
            value = getattr(self, field.name)
            if isinstance(value, datetime):
                object.__setattr__(self, field.name, legal_date(value))


@dataclass(frozen=True)
class Complexity(_Days):
    """6.4 b): classified as complex, the reason recorded, the complainant told. All three make it count."""

    classified: date
    reasoned: date | None
    told: date | None


@dataclass(frozen=True)
class Extension(_Days):
    """6.4 c): approved, then told to the complainant; once per case."""

    approved: date
    approver: Approver
    told: date | None


@dataclass(frozen=True)
class Pause(_Days):
    """6.4 d): commissioned to an outside body, returned (None: not yet), told to the complainant (None: not)."""

    commissioned: date
    returned: date | None
    told: date | None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.returned is not None and self.returned < self.commissioned:
            raise ValueError("a pause cannot end before it begins")

    def left_out(self) -> Interval | None:
        """[commission, return), but only from the day on which the complainant was told; None: no pause at all."""
        if self.told is None:
            return None
        start = max(self.commissioned, self.told)
        return None if self.returned is not None and self.returned <= start else Interval(start, self.returned)


@dataclass(frozen=True)
class ComplaintFacts(_Days):
    """What has happened in a case, as far as a clock is concerned.

    `received`: of the first words that stated the grievance. `told`: the day on which the decision counts as told.
    `new_facts`: days on which the complainant sent new facts (restart the second clock only).
    `outside_standard`: about claims, premium or selling; only the second clock runs.
    `review`: a request for review; only its own clock runs.
    `head_office`: handled by head office itself, whose extensions only an executive approves.
    """

    received: date
    complexity: Complexity | None = None
    extension: Extension | None = None
    pauses: tuple[Pause, ...] = ()
    new_facts: tuple[date, ...] = ()
    told: date | None = None
    withdrawn: date | None = None
    outside_standard: bool = False
    review: bool = False
    head_office: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        days = tuple(legal_date(day) if isinstance(day, datetime) else day for day in self.new_facts)
        object.__setattr__(self, "new_facts", days)

    @property
    def ended(self) -> date | None:
        """The day on which the clocks stopped for good; None: the case is open."""
        return min((day for day in (self.told, self.withdrawn) if day is not None), default=None)


class Stage(StrEnum):
    """6.4 a), b), c)."""

    ORDINARY = "ordinary"
    COMPLEX = "complex"
    EXTENDED = "extended"


class Refusal(StrEnum):
    """Why a recorded classification or extension does not move the date (or moves it only as 补救期限)."""

    COMPLEX_INCOMPLETE = "complex_incomplete"
    COMPLEX_LATE = "complex_late"
    EXTENSION_NOT_COMPLEX = "extension_not_complex"
    EXTENSION_APPROVER = "extension_approver"
    EXTENSION_NOT_TOLD = "extension_not_told"
    EXTENSION_ORDER = "extension_order"
    EXTENSION_LATE = "extension_late"


@dataclass(frozen=True)
class DaysLeft:
    """So many days of a term that are left while the clock is stopped."""

    days: int
    unit: Unit


@dataclass(frozen=True)
class Deadline:
    """The last day of one stage. `on` None: the clock is stopped before it (暂停中), `left` says what remains.

    `counted` is the date as counted, before the safe side of a provisional one; what is added later is added to it.
    """

    stage: Stage
    term: Term
    start: date
    on: date | None
    counted: date | None
    provisional: bool = False
    left: tuple[DaysLeft, ...] = ()

    def allows(self, day: date) -> bool:
        """Whether something done on a day is in time; the last day itself counts."""
        return self.on is None or day <= self.on


@dataclass(frozen=True)
class Breach:
    """A stage's day passed without what it demands; it stays for good. Provisional as its date is."""

    stage: Stage
    clause: str | None
    due: date
    provisional: bool


@dataclass(frozen=True)
class ClockState:
    """Where one clock stands. `remedial`: the date is a 补救期限, the ordinary one was missed before it was moved.

    `remaining`: days from today to the date in the first term's unit, left-out days not counted; negative: overdue by;
    None while the clock is stopped.
    """

    law: ClockLaw
    received: date
    start: date
    deadline: Deadline
    stages: tuple[Deadline, ...]
    remedial: bool
    breaches: tuple[Breach, ...]
    refusals: tuple[Refusal, ...]
    remaining: int | None

    @property
    def due(self) -> date | None:
        return self.deadline.on

    @property
    def provisional(self) -> bool:
        return self.deadline.provisional

    @property
    def stopped(self) -> bool:
        return self.deadline.on is None


@dataclass(frozen=True)
class Standing:
    """Where a case stands on a day. `standard` is None outside the standard; `working_to` is the earlier date.

    `paused`: today is left out. `untold_pauses`: pauses of which the complainant was not told before they ended or to
    this day (6.4 d) asks for it, and they do not stop the clock).
    """

    standard: ClockState | None
    second: ClockState
    working_to: date | None
    paused: bool
    untold_pauses: tuple[Pause, ...]

    @property
    def leading(self) -> ClockState:
        """The clock that a complainant is first told about: the standard's, or the only one."""
        return self.standard or self.second


def standing(facts: ComplaintFacts, today: date, calendar: WorkCalendar, clocks: ComplaintClocks) -> Standing:
    """Both clocks of a case as of a day."""
    timeline = timeline_of(facts, calendar)
    standard = None
    if not facts.outside_standard and not facts.review:
        standard = _clock(facts, facts.received, today, timeline, clocks.standard)
    second = _clock(facts, facts.received, today, timeline, clocks.review if facts.review else clocks.second)
    for day in () if facts.review else sorted(facts.new_facts):
        # 令2020年第3号: new facts sent within the term start it anew; later ones do not.
        if second.deadline.allows(day) and (facts.ended is None or day <= facts.ended):
            second = _clock(facts, day, today, timeline, clocks.second)
    dates = [clock.due for clock in (standard, second) if clock is not None and clock.due is not None]
    return Standing(
        standard=standard,
        second=second,
        working_to=min(dates, default=None),
        paused=facts.ended is None and timeline.interval(today) is not None,
        untold_pauses=tuple(pause for pause in facts.pauses if _untold(pause)),
    )


def timeline_of(facts: ComplaintFacts, calendar: WorkCalendar) -> Timeline:
    """The days that count in a case: the calendar's less its pauses."""
    intervals = (pause.left_out() for pause in facts.pauses)
    return Timeline(calendar, (interval for interval in intervals if interval is not None))


@dataclass(frozen=True)
class Shown:
    """A case's leading date as the complainant was told it. `on` None: told that the clock is stopped."""

    on: date | None
    provisional: bool


@dataclass(frozen=True)
class Moved:
    """An open case whose date is no longer the one that was told, or is firm now (then the days are equal)."""

    id: str
    old: Shown
    new: Shown


def moved(
    cases: Iterable[tuple[str, ComplaintFacts, Shown]], calendar: WorkCalendar, clocks: ComplaintClocks
) -> list[Moved]:
    """Which open cases' dates a calendar moves. Closed cases keep theirs; the second clock never moves.

    Compared is what was told, not another calendar's result: so a run that broke off is made good by the next one.
    """
    changes = []
    for id_, facts, told in cases:
        if facts.ended is not None:
            continue
        deadline = standing(facts, facts.received, calendar, clocks).leading.deadline
        now = Shown(deadline.on, deadline.provisional)
        if now != told:
            changes.append(Moved(id_, told, now))
    return changes


def _untold(pause: Pause) -> bool:
    return pause.told is None or (pause.returned is not None and pause.told >= pause.returned > pause.commissioned)


def _clock(facts: ComplaintFacts, start: date, today: date, timeline: Timeline, law: ClockLaw) -> ClockState:
    ordinary = _deadline(Stage.ORDINARY, law.ordinary, start, start, timeline)
    complex_ = _deadline(Stage.COMPLEX, law.complex, start, start, timeline)
    extended = _extended(complex_, law, start, timeline)

    complexity = _complexity_refusal(facts, ordinary)
    is_complex = facts.complexity is not None and complexity is not Refusal.COMPLEX_INCOMPLETE
    in_time = is_complex and complexity is None
    extension = _extension_refusal(facts, complex_, law, is_complex=is_complex)
    is_extended = facts.extension is not None and extension is None

    moves = [ordinary, *([complex_] if is_complex else []), *([extended] if is_extended else [])]
    kept = {Stage.ORDINARY: in_time, Stage.COMPLEX: is_extended}
    last_day = facts.ended or today
    breaches = tuple(
        Breach(step.stage, step.term.clause, step.on, step.provisional)
        for step in moves
        if not kept.get(step.stage, False) and step.on is not None and last_day > step.on
    )
    return ClockState(
        law=law,
        received=facts.received,
        start=start,
        deadline=moves[-1],
        stages=tuple(moves),
        remedial=is_complex and not in_time,
        breaches=breaches,
        refusals=tuple(refusal for refusal in (complexity, extension) if refusal is not None),
        remaining=_remaining(moves[-1], last_day, timeline, law.ordinary.unit),
    )


def _deadline(stage: Stage, term: Term, origin: date, start: date, timeline: Timeline) -> Deadline:
    """`start` is day 0 of this term, `origin` that of the whole clock (where a provisional count begins)."""
    counted = timeline.after(start, term.days, term.unit)
    if isinstance(counted, date) and term.roll:
        counted = timeline.next_workday(counted)
    if isinstance(counted, Stopped):
        return Deadline(stage, term, start, None, None, left=(DaysLeft(counted.left, term.unit),))
    return _settled(stage, term, origin, start, counted, timeline)


def _settled(stage: Stage, term: Term, origin: date, start: date, counted: date, timeline: Timeline) -> Deadline:
    needs_notices = term.unit == "working" or term.roll
    shown = timeline.settle(origin, counted) if needs_notices else None
    on = shown.date if shown else counted
    return Deadline(stage, term, start, on, counted, provisional=bool(shown and shown.provisional))


def _extended(base: Deadline, law: ClockLaw, origin: date, timeline: Timeline) -> Deadline:
    """6.4 c): on top of the complex term's last day as counted, so that a provisional margin is taken off once."""
    term = law.extension
    if base.counted is None:
        left = (*base.left, DaysLeft(term.days, term.unit))
        return Deadline(Stage.EXTENDED, term, base.start, None, None, left=left)
    return _deadline(Stage.EXTENDED, term, origin, base.counted, timeline)


def _complexity_refusal(facts: ComplaintFacts, ordinary: Deadline) -> Refusal | None:
    """Classification, reason and notice must all be there by the ordinary date (6.4 b)."""
    if facts.complexity is None:
        return None
    found = facts.complexity
    if found.reasoned is None or found.told is None:
        return Refusal.COMPLEX_INCOMPLETE
    if not ordinary.allows(max(found.classified, found.reasoned, found.told)):
        return Refusal.COMPLEX_LATE
    return None


def _extension_refusal(facts: ComplaintFacts, complex_: Deadline, law: ClockLaw, *, is_complex: bool) -> Refusal | None:
    """6.4 c): of a complex case; by whom the rule names; approval, then notice, no later than the old date."""
    if facts.extension is None:
        return None
    found = facts.extension
    approvers = law.approvers_of_head_office if facts.head_office else law.approvers
    checks = (
        (is_complex, Refusal.EXTENSION_NOT_COMPLEX),
        (found.approver in approvers, Refusal.EXTENSION_APPROVER),
        (complex_.allows(found.approved), Refusal.EXTENSION_LATE),
        (found.told is not None, Refusal.EXTENSION_NOT_TOLD),
        (found.told is None or found.told >= found.approved, Refusal.EXTENSION_ORDER),
        (found.told is None or complex_.allows(found.told), Refusal.EXTENSION_LATE),
    )
    return next((refusal for holds, refusal in checks if not holds), None)


def _remaining(deadline: Deadline, today: date, timeline: Timeline, unit: Unit) -> int | None:
    if deadline.on is None:
        return None
    if today <= deadline.on:
        return timeline.between(today, deadline.on, unit)
    return -timeline.between(deadline.on, today, unit)
