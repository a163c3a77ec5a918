"""The reasons for a date as short Chinese lines (texts/complaint.yml, section `explain`)."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from itertools import groupby

from anze.complaints.reasons import CountedDay, Explanation, LeftOut, LeftOutDay, TermReason
from anze.complaints.rules import DaysLeft, Stage, Standing
from anze.texts import text as _text

DAY = timedelta(days=1)


def render(explanation: Explanation) -> list[str]:
    """One line for each reason, the date last but for the rule's version."""
    return list(_lines(explanation))


def told_dates(standing: Standing) -> str:
    """Both clocks' dates in the one sentence that a complainant is told."""
    year = standing.second.received.year
    if standing.standard is None:
        return (
            _line("both_stopped")
            if standing.second.due is None
            else _line("only_second", second=_day(standing.second.due, year))
        )
    if standing.standard.due is None or standing.second.due is None:
        return _line("both_stopped")
    key = "both_provisional" if standing.standard.provisional else "both"
    return _line(key, second=_day(standing.second.due, year), due=_day(standing.standard.due, year))


def _line(key: str, **fields: object) -> str:
    return _text(f"complaint.explain.{key}", **fields)


def _lines(explanation: Explanation) -> Iterator[str]:
    year = explanation.received.year
    yield _line("received", day=_full(explanation.received))
    if explanation.restarted:
        yield _line("restarted", day=_full(explanation.restarted))
    for term in explanation.terms:
        yield from _term_lines(term, explanation, year)
    for refusal in explanation.refusals:
        yield _line(f"refused.{refusal}")
    for breach in explanation.breaches:
        yield _line("breach", due=_day(breach.due, year), rule=_rule(explanation, breach.clause))
    yield from _end_lines(explanation, year)
    yield _line("version", edition=explanation.edition, version=explanation.rule_version)


def _end_lines(explanation: Explanation, year: int) -> Iterator[str]:
    guess = explanation.provisional
    if guess:
        years = "、".join(_line("year", year=each) for each in guess.years)
        yield _line("guessed", years=years, counted=_day(guess.counted, year), shown=_day(guess.shown, year))
    if explanation.due is None:
        stopped = next(term.stopped_on for term in reversed(explanation.terms) if term.stopped_on)
        yield _line("stopped", day=_day(stopped, year), left=left_words(explanation.left))
    elif explanation.remedial:
        yield _line("due_remedial", day=_full(explanation.due))
    else:
        yield _line("due_provisional" if guess else "due", day=_full(explanation.due))


def left_words(left: Sequence[DaysLeft]) -> str:
    """What is left of a stopped clock; empty while it runs."""
    return "、".join(_left(one) for one in left)


def _left(left: DaysLeft) -> str:
    return _line(f"left_{left.unit}", days=left.days)


def _term_lines(term: TermReason, explanation: Explanation, year: int) -> Iterator[str]:
    rule = _rule(explanation, term.term.clause)
    kind = "extended" if term.stage is Stage.EXTENDED else term.term.unit
    yield _line(f"term_{kind}", days=term.term.days, rule=rule, start=_day(term.start, year))
    # Days counted through an unpublished year are a guess; they are said in one line, not numbered.
    known = [day for day in term.counted if day.known or term.term.unit == "calendar"]
    if known:
        runs = _folded(known, lambda day: day.day, lambda _: None)
        yield _line("counted", items="；".join(_counted_run(run, year) for run in runs))
    last_known = explanation.provisional is None or not term.counted or term.counted[-1].known
    left_out = [day for day in term.left_out if last_known or (known and day.day <= known[-1].day)]
    if left_out:
        yield _line("left_out", items="；".join(_left_out_runs(left_out, year)))
    if term.rolled and term.end:
        yield _line("rolled", items="；".join(_left_out_runs(term.rolled, year)), day=_full(term.end))


def _rule(explanation: Explanation, clause: str | None) -> str:
    rule = _line("by_law" if explanation.in_force else "by_draft", law=explanation.law)
    return _line("by_clause", rule=rule, clause=clause) if clause else rule


def _folded[D, K](days: Sequence[D], day_of: Callable[[D], date], key: Callable[[D], K]) -> list[list[D]]:
    """Runs of days that follow one another and have the same key."""
    numbered = enumerate(days)
    runs = groupby(numbered, key=lambda pair: (day_of(pair[1]) - pair[0] * DAY, key(pair[1])))
    return [[item for _, item in run] for _, run in runs]


def _counted_run(run: list[CountedDay], year: int) -> str:
    first, last = run[0], run[-1]
    days = _range(first.day, last.day, year)
    said = (
        _line("counted_one", number=first.number, day=days)
        if first is last
        else _line("counted_run", first=first.number, last=last.number, days=days)
    )
    made_up = [_line("makeup_day", day=_day(day.day, year), weekday=_weekday(day.day)) for day in run if day.makeup]
    return _line("makeup", run=said, days="、".join(made_up)) if made_up else said


def _left_out_runs(days: Sequence[LeftOutDay], year: int) -> list[str]:
    runs = _folded(days, lambda day: day.day, lambda day: (day.reason, day.festival))
    return [
        _line(
            "left_out_run",
            days=_range(run[0].day, run[-1].day, year),
            reason=run[0].festival if run[0].reason is LeftOut.FESTIVAL else _line(f"because.{run[0].reason}"),
        )
        for run in runs
    ]


def _range(first: date, last: date, year: int) -> str:
    if first == last:
        return _day(first, year)
    return _line("range", first=_day(first, year), last=_day(last, year))


def _day(day: date, year: int) -> str:
    """Month and day; the year only where it is not that of the complaint."""
    key = "day" if day.year == year else "day_of_year"
    return _line(key, year=day.year, month=day.month, day=day.day)


def _full(day: date) -> str:
    return _line(
        "full_day",
        day=_line("day_of_year", year=day.year, month=day.month, day=day.day),
        weekday=_weekday(day),
    )


def _weekday(day: date) -> str:
    return _line(f"weekday.{day.weekday()}")
