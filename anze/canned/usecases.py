"""Canned answers: kept by supervisors and administrators for a branch and all below it, offered to who answers a talk.

They are put into the box in which a colleague writes; nothing here sends anything.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from anze.calendar.words import spoken
from anze.canned.models import CannedAnswer
from anze.canned.rules import Answer, Placeholder, filled, nearest, promises, unknown
from anze.complaints.dates import ComplaintDates
from anze.complaints.finding import case_of_talk
from anze.complaints.models import OPEN
from anze.conversations import desk
from anze.errors import DomainError
from anze.identity.branches import branches_of
from anze.identity.denied import DeniedError
from anze.identity.models import Branch, Role, Staff
from anze.identity.names import names
from anze.identity.speaker import Speaker

KEEPERS = frozenset({Role.SUPERVISOR, Role.ADMIN})
type Defaults = tuple[Answer, ...]


def offered(
    session: Session,
    speaker: Speaker,
    conversation_id: str,
    number: str | None,
    defaults: Defaults,
    now: datetime,
    dates: ComplaintDates,
) -> dict[str, Any]:
    """What can be put into the reply of this talk, filled in from the case: {"items": [{"title", "text", "branch"}…]}.

    The case is the one that is named, else the newest of the talk. An answer that names what is not there (a date
    while the clock is stopped, or once the case is closed) is left out. Raises not_found; DeniedError out of scope.
    """
    talk = desk.found(session, speaker, conversation_id)
    branch = session.get_one(Branch, talk.branch_id)
    values: dict[str, str] = {Placeholder.BRANCH: branch.name, Placeholder.HOTLINE: branch.hotline}
    case = case_of_talk(session, speaker, conversation_id, number)
    if case is not None:
        told = dates.told(case, now) if case.status in OPEN else None
        due, second = (told.due_on, told.second_due_on) if told else (None, None)
        values |= {
            Placeholder.NUMBER: case.number or "",
            Placeholder.DUE: spoken(due, bool(told and told.provisional)) if due else "",
            Placeholder.SECOND: spoken(second) if second else "",
            Placeholder.BRANCH: case.branch.name,
            Placeholder.HOTLINE: case.branch.hotline,
        }
    found = nearest([*defaults, *_of_branch(session, branch)])
    ready = [(one, filled(one.text, values)) for one in found]
    items = [{"title": one.title, "text": text, "branch": one.branch or None} for one, text in ready if text]
    return {"items": items, "total": len(items)}


def _of_branch(session: Session, branch: Branch) -> list[Answer]:
    """Those of the branch and of all above it."""
    above = [int(part) for part in branch.path.split("/") if part]
    query = select(CannedAnswer).where(CannedAnswer.branch_id.in_(above)).order_by(CannedAnswer.title)
    return [_answer(row) for row in session.scalars(query.options(joinedload(CannedAnswer.branch)))]


def _answer(row: CannedAnswer) -> Answer:
    depth = row.branch.path.strip("/").count("/") + 1
    return Answer(row.title, row.text, row.branch.name, row.id, row.version, depth)


def kept(session: Session, speaker: Speaker, defaults: Defaults) -> dict[str, Any]:
    """All that is written for the speaker's branches: inherited, their own, those below; what comes with it, last.

    {"items": [{"id", "title", "text", "branch", "version", "may_change", "saved_at", "saved_by"}…], "total"}.
    """
    own = session.get_one(Staff, speaker.staff_id).branch
    above = [int(part) for part in own.path.split("/") if part]
    within = set(session.scalars(branches_of(speaker)))
    query = select(CannedAnswer).where(CannedAnswer.branch_id.in_([*above, *within]))
    rows = list(
        session.scalars(
            query.options(joinedload(CannedAnswer.branch)).order_by(CannedAnswer.branch_id, CannedAnswer.title)
        )
    )
    who = names(session, [row.saved_by for row in rows])
    items = [_view(row, who, speaker, may_change=row.branch_id in within) for row in rows]
    items += [
        {"id": None, "title": one.title, "text": one.text, "branch": None, "version": 0, "may_change": False,
         "saved_at": None, "saved_by": None}
        for one in defaults
    ]  # fmt: skip
    return {"items": items, "total": len(items)}


def write(
    session: Session, speaker: Speaker, title: str, text: str, branch_id: int | None, now: datetime
) -> dict[str, Any]:
    """A new answer for a branch, without one for the speaker's own.

    Raises forbidden, canned_placeholder, canned_promise (422), canned_title (409), not_found, DeniedError.
    """
    _may_keep(speaker)
    _check(text)
    branch = _branch(session, speaker, branch_id)
    _check_title(session, branch.id, title, None)
    row = CannedAnswer(branch=branch, title=title, text=text, version=1, saved_at=now, saved_by=speaker.actor)
    session.add(row)
    _written(session)
    return _view(row, names(session, [row.saved_by]), speaker, may_change=True)


def change(
    session: Session, speaker: Speaker, id_: int, version: int, title: str, text: str, now: datetime
) -> dict[str, Any]:
    """Write it anew. Raises as write, and canned_changed (409) when somebody did so meanwhile."""
    row = _held(session, speaker, id_)
    if row.version != version:
        raise DomainError("canned_changed", 409)
    _check(text)
    _check_title(session, row.branch_id, title, row.id)
    row.title, row.text, row.version, row.saved_at, row.saved_by = title, text, version + 1, now, speaker.actor
    _written(session)
    return _view(row, names(session, [row.saved_by]), speaker, may_change=True)


def _written(session: Session) -> None:
    """Of two that write one title at the same time the second is refused as if it had come later."""
    try:
        session.flush()
    except IntegrityError as error:
        raise DomainError("canned_title", 409) from error


def remove(session: Session, speaker: Speaker, id_: int) -> None:
    """Take it out of the list; what was sent stays in the talks. Raises forbidden, not_found, DeniedError."""
    session.delete(_held(session, speaker, id_))
    session.flush()


def _held(session: Session, speaker: Speaker, id_: int) -> CannedAnswer:
    _may_keep(speaker)
    row = session.get(CannedAnswer, id_, with_for_update=True)
    if row is None:
        raise DomainError("not_found", 404)
    _branch(session, speaker, row.branch_id)
    return row


def _may_keep(speaker: Speaker) -> None:
    if speaker.role not in KEEPERS:
        raise DomainError("forbidden", 403)


def _branch(session: Session, speaker: Speaker, branch_id: int | None) -> Branch:
    if branch_id is None:
        return session.get_one(Staff, speaker.staff_id).branch
    branch = session.get(Branch, branch_id)
    if branch is None:
        raise DomainError("not_found", 404)
    if session.scalar(branches_of(speaker).where(Branch.id == branch_id)) is None:
        raise DeniedError(speaker.actor, f"branch:{branch_id}")
    return branch


def _check(text: str) -> None:
    if wrong := unknown(text):
        known = "、".join(f"{{{one}}}" for one in Placeholder)
        raise DomainError("canned_placeholder", 422, wrong="、".join(wrong), known=known)
    if words := promises(text):
        raise DomainError("canned_promise", 422, words="、".join(words))


def _check_title(session: Session, branch_id: int, title: str, own: int | None) -> None:
    same = select(CannedAnswer.id).where(CannedAnswer.branch_id == branch_id, CannedAnswer.title == title)
    if session.scalar(same if own is None else same.where(CannedAnswer.id != own)) is not None:
        raise DomainError("canned_title", 409)


def _view(row: CannedAnswer, who: dict[str, str], speaker: Speaker, *, may_change: bool) -> dict[str, Any]:
    return {
        "id": row.id,
        "title": row.title,
        "text": row.text,
        "branch": row.branch.name,
        "version": row.version,
        "may_change": may_change and speaker.role in KEEPERS,
        "saved_at": row.saved_at.isoformat(),
        "saved_by": who[row.saved_by],
    }
