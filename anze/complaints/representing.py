"""Somebody complains for another, or many complain together: kept from their words, asked for, never waited for."""

from typing import Any

from sqlalchemy.orm import Session

from anze.audit.chain import append
from anze.complaints import parties, store
from anze.complaints.models import Complaint, Representative
from anze.conversations.normalise import normalise
from anze.conversations.turn import Turn
from anze.errors import DomainError
from anze.texts import text as say

UNNAMED = ""
"""There is an agent whose name nobody said: it is the contact's."""


def set_agent(session: Session, turn: Turn) -> dict[str, Any]:
    """The speaker complains for somebody else (受委托): of the unfinished complaint, else the only open one.

    `taken` False: there is none. `asks` names what is still wanted (principal, authorisation); filing waits for none.
    """
    complaint = _meant(session, turn)
    if complaint is None:
        return {"taken": False, "asks": [], "rows": []}
    plain = normalise(turn.text)
    _be_agent(session, turn, complaint, plain)
    take_principal(complaint, plain, unknown=False)
    if turn.file_ids:
        complaint.agent_file_id = complaint.agent_file_id or turn.file_ids[0]
    return {"taken": True, "asks": asks(complaint), "rows": rows(complaint)}


def set_group(session: Session, turn: Turn) -> dict[str, Any]:
    """Many complain together: how many, and who speaks for them, out of the words of the turn.

    `refused` holds the names beyond the fifth; `most` is the number that the rule allows.
    """
    complaint = _meant(session, turn)
    most = parties.MOST_REPRESENTATIVES
    if complaint is None:
        return {"taken": False, "asks": [], "rows": [], "refused": [], "most": most}
    plain = normalise(turn.text)
    _be_group(session, turn, complaint, plain)
    refused = _represent(session, turn, complaint, parties.representatives(plain, asked=True))
    return {"taken": True, "asks": asks(complaint), "rows": rows(complaint), "refused": refused, "most": most}


def _meant(session: Session, turn: Turn) -> Complaint | None:
    if turn.speaker.staff_id is not None:
        raise DomainError("complaint_by_staff", 403)
    return store.unfinished(session, turn.conversation_id, lock=True) or store.only_open(session, turn.speaker)


def read(session: Session, turn: Turn, complaint: Complaint, plain: str) -> list[str]:
    """Take from any words what they say of agents and groups. Gives the names that are one too many."""
    if parties.speaks_for_another(plain):
        _be_agent(session, turn, complaint, plain)
        take_principal(complaint, plain, unknown=False)
    if parties.complains_together(plain):
        _be_group(session, turn, complaint, plain)
    if complaint.group_size is None:
        return []
    return _represent(session, turn, complaint, parties.representatives(plain))


def take_principal(complaint: Complaint, plain: str, *, unknown: bool, asked: bool = False) -> bool:
    """For whom it is; `asked`: the words are the answer to that question. Whether there was a name."""
    named = parties.answered_principal(plain) if asked else parties.principal(plain)
    if named is not None:
        complaint.principal_name = named[:60]
    elif unknown:
        complaint.principal_name = UNNAMED
    return named is not None or unknown


def take_authorisation(complaint: Complaint, turn: Turn, names: dict[str, str]) -> None:
    """The authorisation among the files of a turn, by the words beside it or the file's name."""
    if complaint.agent_name is None or complaint.agent_file_id is not None:
        return
    named = [id_ for id_ in turn.file_ids if parties.speaks_of_authorisation(normalise(names.get(id_, "")))]
    beside = list(turn.file_ids) if parties.speaks_of_authorisation(normalise(turn.text)) else []
    complaint.agent_file_id = next(iter([*named, *beside]), None)


def _be_agent(session: Session, turn: Turn, complaint: Complaint, plain: str) -> None:
    named = parties.agent_name(plain)
    if complaint.agent_name is None:
        complaint.agent_name = UNNAMED
        _record(session, turn, complaint, "complaint.agent_named", {})
    complaint.agent_name = named or complaint.agent_name


def _be_group(session: Session, turn: Turn, complaint: Complaint, plain: str) -> None:
    size = parties.group_size(plain)
    before = complaint.group_size
    # 0: many, and nobody said how many.
    complaint.group_size = size or before or 0
    if complaint.group_size != before:
        _record(session, turn, complaint, "complaint.group_named", {"size": complaint.group_size})


def _represent(session: Session, turn: Turn, complaint: Complaint, named: list[parties.Named]) -> list[str]:
    known = {one.name: one for one in complaint.representatives}
    refused = []
    for one in named:
        if one.name in known:
            known[one.name].phone = one.phone or known[one.name].phone
        elif len(known) < parties.MOST_REPRESENTATIVES:
            row = Representative(no=len(known) + 1, name=one.name, phone=one.phone)
            complaint.representatives.append(row)
            known[one.name] = row
        else:
            refused.append(one.name)
    session.flush()
    if named:
        _record(session, turn, complaint, "complaint.represented", {"count": len(known), "refused": len(refused)})
    return refused


def _record(session: Session, turn: Turn, complaint: Complaint, kind: str, body: dict[str, Any]) -> None:
    append(session, at=turn.now, kind=kind, subject=f"complaint:{complaint.id}", actor=turn.speaker.actor, body=body)


def asks(complaint: Complaint) -> list[str]:
    """What is wanted and does not hold up the filing: principal, authorisation, group_size, representatives."""
    wanted = []
    if complaint.agent_name is not None:
        wanted += ["principal"] if complaint.principal_name is None else []
        wanted += ["authorisation"] if complaint.agent_file_id is None else []
    if complaint.group_size is not None:
        wanted += ["group_size"] if complaint.group_size == 0 else []
        wanted += ["representatives"] if not complaint.representatives else []
    return wanted


def rows(complaint: Complaint) -> list[dict[str, str]]:
    """The card's rows about agent and group; none for somebody who speaks for themselves alone."""
    later = say("complaint.card.later")
    values: dict[str, str] = {}
    if complaint.agent_name is not None:
        values["agent"] = complaint.agent_name or complaint.contact_name or say("complaint.card.not_known")
        values["principal"] = complaint.principal_name or later
        values["authorisation"] = say("complaint.card.received") if complaint.agent_file_id else later
    if complaint.group_size is not None:
        count = complaint.group_size
        values["group"] = say("complaint.card.group_about", count=count) if count else later
        named = [" ".join(filter(None, (one.name, one.phone))) for one in complaint.representatives]
        values["representatives"] = "、".join(named) or later
    return [{"label": say(f"complaint.card.{name}"), "value": value} for name, value in values.items()]
