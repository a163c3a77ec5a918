"""What the chain has of notices of the procedure by digest (6.4), beside the rows as they stand."""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.audit.raw import events, raw
from anze.audit.sealed import Seal, seal
from anze.procedure.models import PolicyNotice


def seals(session: Session) -> Iterator[Seal]:
    """The words of every notice."""
    expected = {str(event.subject): event.content.get("words_sha256") for event in events(session, "procedure.told")}
    rows = session.execute(select(PolicyNotice.id, raw(session, PolicyNotice.words)))
    actual = {f"policy_notice:{id_}": seal(words) for id_, words in rows}
    for subject in sorted(expected.keys() | actual.keys()):
        yield Seal(subject, "policy_notice", expected.get(subject), actual.get(subject))
