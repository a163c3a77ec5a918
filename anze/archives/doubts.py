"""Photos that a person should look at (7.2): re-used, alike, of another day, of another place. Nothing is judged here.

Photos are looked at once, in the order in which they came; how far that is stands in a row of `app_state`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from anze.archives import store
from anze.archives.keeping import KEEPS
from anze.archives.kinds import Doubt, Verdict
from anze.archives.models import PhotoDoubt, PhotoFact
from anze.archives.photos import Seen
from anze.archives.rules import ALIKE_BITS, FAR_KM, differing_bits, distance_km, middle
from anze.audit.chain import append, digest
from anze.bookings.models import Service
from anze.clock import legal_date
from anze.db import insert_missing
from anze.errors import DomainError
from anze.identity.denied import DeniedError
from anze.identity.names import names
from anze.identity.speaker import Speaker
from anze.policies.models import Policy
from anze.reports import usecases as reports
from anze.reports.kinds import CandidateKind
from anze.state import AppState
from anze.texts import text

MARK = "archives.photos"
_MOST = 200
_SETTLED = timedelta(seconds=20)
"""A transaction that began earlier may still bring an earlier photo"""
_BACK = timedelta(days=750)
"""With the photos of so long before a new one is compared"""
_LEAST_PLACES = 3


@dataclass(frozen=True)
class New:
    """A photo that came to a service."""

    service_id: int
    sha256: str


@dataclass(frozen=True)
class Batch:
    """Photos to look at; `unread`: digests of which nothing is known yet; `upto`: the mark when they are done."""

    photos: tuple[New, ...]
    unread: tuple[str, ...]
    upto: datetime | None


def due(session: Session, now: datetime) -> Batch:
    """The next photos. Reads only."""
    mark = session.get(AppState, MARK)
    after = datetime.fromisoformat(mark.value) if mark else None
    rows = store.photos_between(session, after, now - _SETTLED, _MOST)
    if len(rows) == _MOST and rows[0].at != rows[-1].at:
        rows = [row for row in rows if row.at != rows[-1].at]  # those of one instant belong together
    photos = tuple(New(row.service_id, row.sha256) for row in rows if row.mime.startswith("image/"))
    known = store.facts(session, [one.sha256 for one in photos])
    unread = tuple(dict.fromkeys(one.sha256 for one in photos if one.sha256 not in known))
    return Batch(photos, unread, rows[-1].at if rows else None)


def note(session: Session, batch: Batch, read: Mapping[str, Seen], now: datetime) -> int:
    """Keep what the photos say, and the doubts about them; how many doubts are new."""
    for sha256, seen in read.items():
        latitude, longitude = seen.place or (None, None)
        insert_missing(
            session, PhotoFact, sha256=sha256, taken_on=seen.taken_on, latitude=latitude, longitude=longitude,
            look=seen.look,
        )  # fmt: skip
    # The last that came first: of two that are alike it is the later one that needs looking at.
    count = sum(_doubt(session, photo, now) for photo in reversed(batch.photos))
    if batch.upto is not None:
        state = session.get(AppState, MARK)
        if state is None:
            session.add(AppState(key=MARK, value=batch.upto.isoformat()))
        else:
            state.value = batch.upto.isoformat()
        session.flush()
    return count


def _doubt(session: Session, photo: New, now: datetime) -> int:
    service = session.get_one(Service, photo.service_id)
    fact = store.facts(session, [photo.sha256]).get(photo.sha256)
    if fact is None:
        return 0
    found = [*_again(session, service, fact), *_day(service, fact), *_place(session, service, fact)]
    branch = session.get_one(Policy, service.policy_id).branch_id
    new = 0
    for doubt, other, detail in found:
        if other is not None and _known(session, other, service.id):
            continue
        new += insert_missing(
            session, PhotoDoubt, branch_id=branch, service_id=service.id, sha256=photo.sha256, doubt=doubt.value,
            other_service_id=other, detail=detail, found_at=now,
        )  # fmt: skip
    return new


def _known(session: Session, one: int, other: int) -> bool:
    """Whether that the photos of two services are alike is noted from the other side."""
    query = select(PhotoDoubt.id).where(PhotoDoubt.service_id == one, PhotoDoubt.other_service_id == other)
    return session.scalar(query.limit(1)) is not None


type Found = tuple[Doubt, int | None, str]


def _again(session: Session, service: Service, fact: PhotoFact) -> list[Found]:
    """The same bytes under any other service, or a picture that looks the same under one of the same provider."""
    mine = service.joint_with_id or service.id
    others = select(Service.id).where(
        func.coalesce(Service.joint_with_id, Service.id) != mine,
        or_(Service.provider_id == service.provider_id, Service.insured_id == service.insured_id),
        Service.requested_at >= service.requested_at - _BACK,
    )
    photos = store.photos_of_services(session, others)
    same = min((other for other, sha256 in photos if sha256 == fact.sha256), default=None)
    if same is not None:
        return [(Doubt.SAME, same, session.get_one(Service, same).number)]
    if fact.look is None:
        return []
    looks = store.facts(session, list({sha256 for _, sha256 in photos}))
    near = [
        (differing_bits(fact.look, look), other)
        for other, sha256 in photos
        if (one := looks.get(sha256)) and (look := one.look)
    ]
    bits, other = min(near, default=(64, 0))
    return [(Doubt.ALIKE, other, session.get_one(Service, other).number)] if bits <= ALIKE_BITS else []


def _day(service: Service, fact: PhotoFact) -> list[Found]:
    """Taken before the first day, or after the last one."""
    last = service.completed_on
    if fact.taken_on is None or last is None:
        return []
    first = min(legal_date(service.starts_at), last) if service.starts_at else last
    inside = first - timedelta(days=1) <= fact.taken_on <= last + timedelta(days=1)
    return [] if inside else [(Doubt.OTHER_DAY, None, fact.taken_on.isoformat())]


def _place(session: Session, service: Service, fact: PhotoFact) -> list[Found]:
    """Far from where the other photos of the same insured were taken; three of them have to say where that is."""
    if fact.latitude is None or fact.longitude is None:
        return []
    same_firm = select(Service.id).where(Service.insured_id == service.insured_id)
    digests = {sha256 for _, sha256 in store.photos_of_services(session, same_firm)} - {fact.sha256}
    points = [
        (one.latitude, one.longitude)
        for one in store.facts(session, list(digests)).values()
        if one.latitude is not None and one.longitude is not None
    ]
    if len(points) < _LEAST_PLACES:
        return []
    far = distance_km((fact.latitude, fact.longitude), middle(points))
    return [(Doubt.OTHER_PLACE, None, text("archives.far", km=round(far)))] if far > FAR_KM else []


def listed(
    session: Session, speaker: Speaker, *, open_only: bool = True, page: int = 1, size: int = 50
) -> dict[str, Any]:
    """{"items", "total", "page"}: doubts of the tree, those that wait first."""
    query = store.doubts(speaker)
    if open_only:
        query = query.where(PhotoDoubt.verdict.is_(None))
    total = session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    rows = session.scalars(query.offset((page - 1) * size).limit(size)).all()
    return {"items": views(session, rows), "total": total, "page": page}


def views(session: Session, rows: Sequence[PhotoDoubt]) -> list[dict[str, Any]]:
    """Doubts for programs and pages."""
    ids = {row.service_id for row in rows}
    numbers = dict(session.execute(select(Service.id, Service.number).where(Service.id.in_(ids))).tuples().all())
    who = names(session, [row.looked_by for row in rows])
    return [
        {
            "id": row.id, "service": numbers[row.service_id], "doubt": row.doubt,
            "words": text(f"archives.doubt.{row.doubt}", detail=row.detail), "sha256": row.sha256,
            "found_at": row.found_at.isoformat(), "verdict": row.verdict, "found": row.words,
            "looked_by": who[row.looked_by] if row.looked_by else None,
            "looked_on": legal_date(row.looked_at).isoformat() if row.looked_at else None,
        }
        for row in rows
    ]  # fmt: skip


def of_service(session: Session, speaker: Speaker, number: str) -> list[dict[str, Any]]:
    """Doubts about photos of a service. Raises not_found; DeniedError."""
    service = store.found(session, speaker, number)
    rows = session.scalars(store.doubts(speaker).where(PhotoDoubt.service_id == service.id)).all()
    return views(session, rows)


def judge(session: Session, speaker: Speaker, id_: int, verdict: Verdict, words: str, now: datetime) -> dict[str, Any]:
    """What a person found who looked, once; a service that looks made up is a candidate of 9.2 d).

    Raises forbidden, not_found, photo_looked (409); DeniedError.
    """
    if speaker.role not in KEEPS:
        raise DomainError("forbidden", 403)
    row = session.get(PhotoDoubt, id_, with_for_update=True, populate_existing=True)
    if row is None:
        raise DomainError("not_found", 404)
    if session.scalar(store.doubts(speaker).where(PhotoDoubt.id == id_)) is None:
        raise DeniedError(speaker.actor, f"photo:{id_}")
    if row.verdict is not None:
        raise DomainError("photo_looked", 409)
    row.verdict, row.words, row.looked_at, row.looked_by = verdict.value, words, now, speaker.actor
    body = {"verdict": verdict.value, "words_sha256": digest(words)}
    append(session, at=now, kind="photo.looked", subject=f"photo:{id_}", actor=speaker.actor, body=body)
    if verdict is Verdict.FAKE:
        service = session.get_one(Service, row.service_id)
        reports.note(
            session, kind=CandidateKind.FAKE_SERVICE, subject=f"photo:{id_}", insured_id=service.insured_id,
            branch_id=row.branch_id, words=words, at=now, by=speaker.actor,
        )  # fmt: skip
    return views(session, [row])[0]
