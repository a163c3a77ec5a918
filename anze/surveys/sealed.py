"""What the chain has of follow-ups (6.3), beside the rows as they stand: the mark, and the opinion by digest."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import String, cast, select
from sqlalchemy.orm import Session

from anze.audit.raw import RawEvent, as_text, events, raw
from anze.audit.sealed import Seal, seal
from anze.surveys.models import Survey


@dataclass
class _Said:
    """What the events up to now tell; `known` False: an older correction, which tells only the words that it added."""

    mark: str | None = None
    opinion: str | None = None
    known: bool = True

    def hear(self, event: RawEvent) -> None:
        body = event.content
        if event.kind == "survey.corrected":
            self.mark = _figure(body.get("new"))
            if "whole_sha256" in body:
                self.opinion, self.known = body["whole_sha256"], True
            elif "opinion_sha256" in body:
                self.known = False
        else:
            self.mark, self.opinion, self.known = _figure(body.get("mark")), body.get("opinion_sha256"), True


def seals(session: Session) -> Iterator[Seal]:
    """Mark and opinion of every follow-up of which either side knows one."""
    said: dict[str, _Said] = {}
    for event in events(session, "survey.answered", "survey.corrected"):
        said.setdefault(str(event.subject), _Said()).hear(event)
    columns = raw(session, cast(Survey.mark, String)), raw(session, Survey.opinion)
    rows = {f"survey:{id_}": kept for id_, *kept in session.execute(select(Survey.id, *columns))}
    for subject in sorted(said.keys() | rows.keys()):
        told = said.get(subject, _Said())
        mark, opinion = rows.get(subject, (None, None))
        yield Seal(subject, "survey_mark", told.mark, _figure(as_text(mark)))
        if told.known:
            yield Seal(subject, "survey_opinion", told.opinion, seal(opinion))


def _figure(mark: Any) -> str | None:
    return None if mark is None else seal(str(mark))
