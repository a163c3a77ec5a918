"""What the chain has of candidates for the regulator by digest (9.2), beside the rows as they stand."""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.audit.raw import events, raw
from anze.audit.sealed import Seal, seal
from anze.reports.models import Candidate


def seals(session: Session) -> Iterator[Seal]:
    """The very words for which somebody may be reported."""
    rows = {
        f"candidate:{id_}": words for id_, words in session.execute(select(Candidate.id, raw(session, Candidate.words)))
    }
    for event in events(session, "report.noted"):
        if expected := event.content.get("words_sha256"):
            yield Seal(str(event.subject), "candidate", expected, seal(rows.get(str(event.subject))))
