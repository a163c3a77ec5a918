"""The ways against a decision (6.4 e): where, telephone, until when, what to bring. They are the operator's data."""

from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy.orm import Session

from anze.calendar.words import spoken
from anze.complaints.models import ComplaintKind
from anze.errors import DomainError
from anze.identity.models import Branch
from anze.texts import text as say

REVIEW = "review"
_SAID = ("where", "phone", "until", "bring")


@dataclass(frozen=True)
class Way:
    """One way. `days`: calendar days from being told; `by_contract`: only with a clause of the contract for it.

    `checked`: the operator has compared the entry with the place and the law.
    """

    way: str
    where: str
    phone: str
    until: str
    bring: str
    days: int | None = None
    by_contract: bool = False
    goes_to: str | None = None
    checked: bool = False

    def kept(self) -> dict[str, Any]:
        """As it stands in a decision."""
        names = ("way", "where", "phone", "until", "bring", *(("days",) if self.days else ()))
        return {name: value for name, value in asdict(self).items() if name in names}


@cache
def _data() -> dict[str, dict[str, Way]]:
    loaded = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8"))
    return {kind: {way: Way(way, **values) for way, values in ways.items()} for kind, ways in loaded.items()}


@dataclass(frozen=True)
class Filler:
    """Who decided and who is above it: what the data's {fields} stand for."""

    branch: str
    hotline: str
    superior: str
    superior_hotline: str


def fill(kind: str, filler: Filler) -> list[Way]:
    """The operator's ways for this kind of grievance, with names and telephones in their places."""
    fields = asdict(filler)
    found = _data()[ComplaintKind(kind)].values()
    return [replace(way, where=way.where.format(**fields), phone=way.phone.format(**fields)) for way in found]


def ways(session: Session, kind: str, branch: Branch) -> list[Way]:
    """The operator's ways for this kind of grievance, filled in for the branch that decides."""
    above = superior(session, branch)
    return fill(kind, Filler(branch.name, branch.hotline, above.name, above.hotline))


def offered(session: Session, kind: str, branch: Branch) -> list[dict[str, Any]]:
    """What a decision offers when nothing else is said: all ways but one that needs a clause of the contract."""
    return [way.kept() for way in ways(session, kind, branch) if not way.by_contract]


def filled(session: Session, kind: str, branch: Branch, given: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The ways as staff chose them; what they left out comes from the data.

    Raises DomainError decision_way for an unknown or a doubled one, decision_arbitration for one by contract without
    its `clause`.
    """
    known = {way.way: way for way in ways(session, kind, branch)}
    names = [str(one.get("way")) for one in given]
    if len(set(names)) != len(names) or not set(names) <= known.keys():
        raise DomainError("decision_way", 422)
    made = []
    for one in given:
        base = known[one["way"]]
        clause = (one.get("clause") or "").strip()
        if base.by_contract and not clause:
            raise DomainError("decision_arbitration", 422)
        said = {name: value for name in _SAID if (value := (one.get(name) or "").strip())}
        # A term in other words than the data's is not counted by the data's days.
        way = replace(base, days=None) if "until" in said else base
        made.append(way.kept() | said | ({"clause": clause} if clause else {}))
    return made


def review_days(kind: str) -> int:
    """Calendar days after being told in which a review can be asked for (AMB-08; 令2020年第3号, 待核对原文)."""
    return _data()[ComplaintKind(kind)][REVIEW].days or 0


def reviewer(session: Session, kind: str, branch: Branch) -> Branch:
    """Who gets a request for review that is made in a talk."""
    return superior(session, branch) if _data()[ComplaintKind(kind)][REVIEW].goes_to == "superior" else branch


def superior(session: Session, branch: Branch) -> Branch:
    """The body above a branch; head office itself has none."""
    return session.get_one(Branch, branch.parent_id) if branch.parent_id else branch


def explained(kept: list[dict[str, Any]], told_on: date | None) -> list[dict[str, str]]:
    """Each way in words: `name`, where, phone, until (with its day once it is known), bring."""
    made = []
    for one in kept:
        until = one["until"]
        if told_on is not None and one.get("days"):
            until = say("complaint.remedy.until", day=spoken(told_on + timedelta(days=one["days"])), rule=until)
        words = {name: str(one[name]) for name in ("where", "phone", "bring")}
        made.append({"way": one["way"], "name": say(f"complaint.remedy.{one['way']}"), "until": until} | words)
    return made


def table(explained_ways: list[dict[str, str]]) -> dict[str, Any]:
    """The ways as the contract's table."""
    names = ("name", "where", "phone", "until", "bring")
    columns = [say(f"complaint.remedy.column.{name}") for name in names]
    return {"columns": columns, "rows": [[way[name] for name in names] for way in explained_ways]}
