"""What a letter says: each placeholder of the templates with its value, out of the stored case. Reads only."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from anze.calendar.words import spoken
from anze.clock import legal_date
from anze.complaints import remedies as ways
from anze.complaints.dates import ComplaintDates
from anze.complaints.decision import cited
from anze.complaints.explain import render, told_dates
from anze.complaints.models import Complaint, ComplaintStatus, Decision
from anze.complaints.reasons import Explanation
from anze.errors import DomainError
from anze.identity.models import Branch
from anze.letters.form import Content, Form
from anze.letters.models import LetterKind
from anze.standard.usecases import cite
from anze.texts import text as say

_ENDED = (ComplaintStatus.DROPPED, ComplaintStatus.WITHDRAWN)
_PARTS = ("findings", "basis", "reasons", "outcome")
REQUIRED: dict[LetterKind, tuple[str, ...]] = {
    LetterKind.ACKNOWLEDGEMENT: ("number", "received", "counting", "dates.name", "dates.day", "dates.rule", "branch",
                                 "hotline", "date"),
    LetterKind.DECISION: ("number", *_PARTS, "remedies.name", "remedies.where", "remedies.phone", "remedies.until",
                          "remedies.bring", "rule", "branch", "hotline", "date"),
}  # fmt: skip
"""Without these a letter does not say what it must (decision: the five parts of 6.4 e)."""
_COMMON = ("title", "number", "branch", "hotline", "addressee", "form", "received", "date")
FIELDS: dict[LetterKind, tuple[str, ...]] = {
    LetterKind.ACKNOWLEDGEMENT: (*_COMMON, "told", "counting"),
    LetterKind.DECISION: (*_COMMON, *_PARTS, "decided", "rule", "clauses_title"),
}
COLUMNS: dict[LetterKind, dict[str, tuple[str, ...]]] = {
    LetterKind.ACKNOWLEDGEMENT: {"dates": ("name", "day", "rule")},
    LetterKind.DECISION: {
        "remedies": ("name", "where", "phone", "until", "bring"),
        "clauses": ("clause", "text", "source"),
    },
}
"""Everything that a template may name: once, or in rows that repeat."""


FORMS: dict[LetterKind, Form] = {
    kind: Form(str(kind), FIELDS[kind], COLUMNS[kind], REQUIRED[kind]) for kind in LetterKind
}


def content_of(session: Session, case: Complaint, kind: LetterKind, now: datetime, dates: ComplaintDates) -> Content:
    """What the letter says as of `now`.

    Raises DomainError letter_no_decision (409) for a decision letter without a decision, letter_closed (409) for the
    acknowledgement of a case that was withdrawn.
    """
    if kind == LetterKind.DECISION:
        if case.decision is None:
            raise DomainError("letter_no_decision", 409)
        return _decision(session, case, case.decision, now, dates)
    if case.status in _ENDED:
        raise DomainError("letter_closed", 409)
    return _acknowledgement(session, case, now, dates)


def _common(session: Session, case: Complaint, kind: LetterKind, now: datetime) -> dict[str, str]:
    branch = session.get_one(Branch, case.branch_id)
    return {
        "title": say(f"letters.title.{kind}"),
        "number": str(case.number),
        "branch": branch.name,
        "hotline": branch.hotline,
        "addressee": _addressee(case),
        "form": say(f"complaint.form.{case.form}"),
        "received": spoken(legal_date(case.received_at)),
        "date": _written(legal_date(now)),
    }


def _addressee(case: Complaint) -> str:
    """The firm, else the person in whose name the complaint is."""
    firm = case.insured.name if case.insured else case.firm
    return firm or case.principal_name or case.contact_name or say("letters.complainant")


def _written(day: date) -> str:
    return say("letters.day", year=day.year, month=day.month, day=day.day)


def _rule(reasons: Explanation, clause: str | None) -> str:
    """The regulation as it may be cited: only what is in force is called law (按), a draft is 参照."""
    rule = say(f"complaint.explain.{'by_law' if reasons.in_force else 'by_draft'}", law=reasons.law)
    return say("letters.by_clause", rule=rule, clause=clause) if clause else rule


def _acknowledgement(session: Session, case: Complaint, now: datetime, dates: ComplaintDates) -> Content:
    kind = LetterKind.ACKNOWLEDGEMENT
    standing, reasons = dates.reasons(case, now)
    clocks = [_clock_row(name, one) for name, one in reasons.items()]
    counting = [
        line
        for row, one in zip(clocks, reasons.values(), strict=True)
        for line in (say("letters.counting", name=row["clock"]), *render(one))
    ]
    fields = _common(session, case, kind, now) | {"told": told_dates(standing), "counting": "\n".join(counting)}
    return Content(FORMS[kind], fields, {"dates": [_only(row, COLUMNS[kind]["dates"]) for row in clocks]})


def _clock_row(name: str, reasons: Explanation) -> dict[str, str]:
    clock = say(f"letters.clock.{name}")
    term = reasons.terms[-1].term
    due = reasons.due
    return {
        "clock": clock,
        "name": say("letters.until", name=clock),
        "day": spoken(due, reasons.provisional is not None) if due else say("letters.stopped"),
        "rule": say(f"letters.term_{term.unit}", days=term.days, rule=_rule(reasons, term.clause)),
    }


def _decision(session: Session, case: Complaint, made: Decision, now: datetime, dates: ComplaintDates) -> Content:
    kind = LetterKind.DECISION
    _, reasons = dates.reasons(case, now)
    # Under the standard the five parts are its 6.4 e); outside it the other regulation is cited alone.
    rule = _rule(reasons["standard"], "6.4 e)") if "standard" in reasons else _rule(reasons["second"], None)
    quoted = [
        {"clause": one["clause"], "text": one["text"], "source": one["version"]}
        for one in cite(cited(made.basis, case), case.edition)
    ]
    fields = _common(session, case, kind, now) | {name: getattr(made, name) for name in _PARTS} | {
        "decided": spoken(legal_date(made.decided_at)),
        "rule": rule,
        "clauses_title": say("letters.clauses_title") if quoted else "",
    }  # fmt: skip
    return Content(FORMS[kind], fields, {"remedies": _ways(made), "clauses": quoted})


def _ways(made: Decision) -> list[dict[str, str]]:
    told = legal_date(made.told_at) if made.told_at else None
    rows = []
    for kept, way in zip(made.remedies, ways.explained(made.remedies, told), strict=True):
        clause: Any = kept.get("clause")
        where = say("letters.contract_clause", where=way["where"], clause=clause) if clause else way["where"]
        rows.append(_only(way | {"where": where}, COLUMNS[LetterKind.DECISION]["remedies"]))
    return rows


def _only(row: dict[str, str], names: Sequence[str]) -> dict[str, str]:
    return {name: row[name] for name in names}
