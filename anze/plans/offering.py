"""A plan is offered to its insureds, who agree or want it otherwise; it is confirmed when all agreed (6.1 协商一致)."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from anze.audit.chain import append, canonical, digest
from anze.clock import legal_date
from anze.conversations.files import Stored
from anze.conversations.models import SharedFile
from anze.conversations.uploads import add_file, uploaded_by
from anze.errors import DomainError
from anze.identity.speaker import Speaker
from anze.letters.form import Content
from anze.plans import store, telling
from anze.plans.document import content_of
from anze.plans.drafting import gaps, judge, may_write, said_of, say
from anze.plans.kinds import Answer, How, State
from anze.plans.models import PlanAnswer, PlanVersion
from anze.plans.rules import ANSWERABLE, standing
from anze.tasks.models import Task, TaskKind


def ready(session: Session, speaker: Speaker, id_: int, edition: int) -> PlanVersion:
    """The draft that is to be offered. Raises forbidden, not_found, plan_not_draft, plan_changed (409), plan_gaps
    (409: an element of 6.1 is missing); DeniedError."""
    may_write(speaker)
    version = store.found(session, speaker, id_, lock=True).versions[0]
    if version.state != State.DRAFT:
        raise DomainError("plan_not_draft", 409)
    if version.edition != edition:
        raise DomainError("plan_changed", 409)
    if lacking := [f"{gap.of}{gap.title}" for gap in gaps(session, version) if gap.element]:
        raise DomainError("plan_gaps", 409, names="、".join(lacking[:12]))
    return version


def offered(
    session: Session, speaker: Speaker, id_: int, edition: int, content: Content, pdf: Stored, word: Stored,
    now: datetime,
) -> list[str]:  # fmt: skip
    """Offer it with its papers; gives the talks that were spoken in. Raises as ready, and plan_changed when the rows
    no longer say what was made."""
    version = ready(session, speaker, id_, edition)
    if content_of(session, version, now) != content:
        raise DomainError("plan_changed", 409)
    plan = version.plan
    for older in plan.versions[1:]:
        if older.state != State.REPLACED:
            older.state = State.REPLACED.value
    title = say("file", number=content.fields["number"])
    version.profiles = {str(key): value for key, value in said_of(session, version).items()}
    judge(session, version)
    version.pdf_id = add_file(session, speaker.conversation_id, pdf, f"{title}.pdf", now).id
    version.word_id = add_file(session, speaker.conversation_id, word, f"{title}.docx", now).id
    version.state, version.offered_at, version.offered_by = State.OFFERED.value, now, speaker.actor
    for insured_id in dict.fromkeys(party.insured_id for party in plan.parties):
        session.add(SharedFile(
            file_id=version.pdf_id, insured_id=insured_id, subject=f"plan:{plan.id}", title=title, shared_at=now
        ))  # fmt: skip
    session.flush()
    body = {
        "version": version.version, "version_sha256": digest(canonical(content_of_version(version))),
        "pdf_sha256": pdf.sha256, "docx_sha256": word.sha256,
    }  # fmt: skip
    append(session, at=now, kind="plan.offered", subject=f"plan:{plan.id}", actor=speaker.actor, body=body)
    return telling.offered(session, version, now)


def content_of_version(version: PlanVersion) -> dict[str, Any]:
    """What the chain knows of an offered version by digest."""
    return {"plan": version.plan_id, "version": version.version, "body": version.body, "profiles": version.profiles}


def answered(
    session: Session, version: PlanVersion, insured_ids: Sequence[int], answer: Answer, *, how: How, actor: str,
    now: datetime, on: date | None = None, words: str | None = None, file_id: str | None = None,
) -> State:  # fmt: skip
    """Keep what insureds answered to a version; how it stands then. Whoever wanted it otherwise may still agree.

    Raises plan_not_offered (409), plan_answered (409: they agreed already).
    """
    if version.state not in ANSWERABLE:
        raise DomainError("plan_not_offered", 409)
    known = {row.insured_id: row.answer for row in version.answers}
    if any(known.get(id_) == Answer.AGREED for id_ in insured_ids):
        raise DomainError("plan_answered", 409)
    session.add_all(
        PlanAnswer(
            version_id=version.id, insured_id=id_, answer=answer.value, how=how.value, words=words, file_id=file_id,
            on=on or legal_date(now), at=now, by=actor,
        )
        for id_ in insured_ids
    )  # fmt: skip
    session.flush()
    session.expire(version, ["answers"])
    firms = dict.fromkeys(party.insured_id for party in version.plan.parties)
    state = standing(firms, {row.insured_id: Answer(row.answer) for row in version.answers})
    version.state = state.value
    version.confirmed_at = now if state is State.CONFIRMED else None
    session.flush()
    for id_ in insured_ids:
        body = {
            "version": version.version, "insured": id_, "answer": answer.value, "how": how.value,
            "words_sha256": digest(words) if words else None, "on": (on or legal_date(now)).isoformat(),
        }  # fmt: skip
        append(session, at=now, kind="plan.answered", subject=f"plan:{version.plan_id}", actor=actor, body=body)
    if answer is Answer.WANTED:
        _ask_staff(session, version, insured_ids, words or "", now)
    return state


def on_paper(
    session: Session, speaker: Speaker, id_: int, insured_id: int, on: date, file_id: str, now: datetime
) -> PlanVersion:
    """An insured signed it. Raises forbidden, not_found, plan_party, plan_file, plan_day, and those of answered."""
    may_write(speaker)
    version = store.found(session, speaker, id_, lock=True).versions[0]
    if insured_id not in {party.insured_id for party in version.plan.parties}:
        raise DomainError("plan_party", 422)
    if version.offered_at is None:
        raise DomainError("plan_not_offered", 409)
    if not legal_date(version.offered_at) <= on <= legal_date(now):
        raise DomainError("plan_day", 422)
    if uploaded_by(session, speaker, file_id) is None:
        raise DomainError("plan_file", 422)
    answered(session, version, [insured_id], Answer.AGREED, how=How.PAPER, actor=speaker.actor, now=now, on=on,
             file_id=file_id)  # fmt: skip
    return version


def _ask_staff(session: Session, version: PlanVersion, insured_ids: Sequence[int], words: str, now: datetime) -> None:
    names = [party.insured.name for party in version.plan.parties if party.insured_id in insured_ids]
    session.add(Task(
        kind=TaskKind.PLAN_WISH, subject=f"plan:{version.plan_id}:{version.version}:{insured_ids[0]}",
        branch_id=version.plan.branch_id, created_at=now,
        body={"number": version.plan.number, "firm": "、".join(dict.fromkeys(names)), "words": words},
    ))  # fmt: skip
    session.flush()
