"""Queries over archives, within the speaker's branch tree."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import Row, Select, exists, select, union_all
from sqlalchemy.orm import Session, joinedload

from anze.archives.completeness import Until, complete, counting, elements, ours
from anze.archives.kinds import Kind
from anze.archives.models import ArchiveFolder, ArchiveItem, ArchiveWithdrawal, PhotoDoubt, PhotoFact
from anze.bookings.models import Service, ServiceStatus
from anze.conversations.models import File, SharedFile
from anze.errors import DomainError
from anze.hazards.models import Hazard, HazardFile
from anze.identity.branches import branches_of
from anze.identity.denied import DeniedError
from anze.identity.speaker import Speaker
from anze.policies.models import Insured, Policy, PolicyInsured
from anze.standard.load import Knowledge
from anze.surveys.models import Survey

_OURS = (Kind.RECORD, Kind.REPORT, Kind.PHOTO, Kind.AMOUNT)


def services(speaker: Speaker) -> Select[tuple[Service]]:
    """Completed services of the tree."""
    return (
        select(Service)
        .join(Policy, Policy.id == Service.policy_id)
        .where(Policy.branch_id.in_(branches_of(speaker)), Service.status == ServiceStatus.COMPLETED,
               Service.completed_on.is_not(None))
    )  # fmt: skip


def records(speaker: Speaker, standard: Knowledge, today: date) -> Select[tuple[Service, bool]]:
    """Completed services of the tree, each with whether its archive is complete."""
    whole = complete(standard, Until(today)).label("complete")
    return services(speaker).add_columns(whole).outerjoin(Survey, Survey.service_id == Service.id)


def found(session: Session, speaker: Speaker, number: str) -> Service:
    """A completed service. Raises not_found, booking_not_completed (409); DeniedError when it is another tree's."""
    row = session.scalar(services(speaker).where(Service.number == number))
    if row is not None:
        return row
    other = session.execute(
        select(Service.id, Policy.branch_id).join(Policy, Policy.id == Service.policy_id).where(
            Service.number == number
        )
    ).first()  # fmt: skip
    if other is None:
        raise DomainError("not_found", 404)
    if other.branch_id not in set(session.scalars(branches_of(speaker))):
        raise DeniedError(speaker.actor, f"service:{other.id}")
    raise DomainError("booking_not_completed", 409)


def held(session: Session, speaker: Speaker, number: str) -> Service:
    """Like `found`, and nobody else files it or withdraws from it until this is over."""
    service = found(session, speaker, number)
    return session.get_one(Service, service.id, with_for_update={"of": Service}, populate_existing=True)


def said_of(session: Session, service_id: int, today: date) -> tuple[dict[str, bool], dict[Kind, bool]]:
    """Which of the eight elements the record says, and what there is of each kind without anybody filing it."""
    until = Until(today)
    parts = elements(until)
    columns = [*(parts[name].label(name) for name in parts), *(ours(kind, until).label(kind) for kind in _OURS)]
    query = select(*columns).select_from(Service).outerjoin(Survey, Survey.service_id == Service.id)
    row = session.execute(query.where(Service.id == service_id)).one()
    values = list(row)
    return (
        {name: bool(value) for name, value in zip(parts, values, strict=False)},
        {kind: bool(value) for kind, value in zip(_OURS, values[len(parts) :], strict=True)},
    )


def items(session: Session, service_id: int) -> list[ArchiveItem]:
    """Everything that was put into the archive, in order."""
    query = select(ArchiveItem).where(ArchiveItem.service_id == service_id).order_by(ArchiveItem.id)
    return list(session.scalars(query.options(joinedload(ArchiveItem.file))))


def kept(session: Session, service_id: int, today: date) -> dict[Kind, set[str]]:
    """By kind the codes of the lines for which something counts."""
    query = select(ArchiveItem.kind, ArchiveItem.code).where(
        ArchiveItem.service_id == service_id, counting(Until(today))
    )
    codes: dict[Kind, set[str]] = {}
    for kind, code in session.execute(query):
        codes.setdefault(Kind(kind), set()).add(code)
    return codes


def withdrawals(session: Session, ids: Iterable[int]) -> dict[int, ArchiveWithdrawal]:
    rows = session.scalars(select(ArchiveWithdrawal).where(ArchiveWithdrawal.item_id.in_(list(ids))))
    return {row.item_id: row for row in rows}


def of_others(session: Session, service_id: int) -> list[tuple[Kind, str, File]]:
    """Files that came otherwise: reports of the provider, photos of hazards as found; with their titles."""
    reports = (
        select(SharedFile.title, File)
        .join(File, File.id == SharedFile.file_id)
        .where(SharedFile.subject == f"service:{service_id}")
        .order_by(SharedFile.shared_at, File.id)
    )
    photos = (
        select(Hazard.number, File)
        .join(HazardFile, HazardFile.hazard_id == Hazard.id)
        .join(File, File.id == HazardFile.file_id)
        .where(Hazard.service_id == service_id, HazardFile.kind == "found")
        .order_by(Hazard.id, HazardFile.added_at, File.id)
    )
    return [
        *((Kind.REPORT, title, file) for title, file in session.execute(reports).tuples()),
        *((Kind.PHOTO, number, file) for number, file in session.execute(photos).tuples()),
    ]


def doubts(speaker: Speaker) -> Select[tuple[PhotoDoubt]]:
    """Doubts about photos of the tree, those that wait first."""
    query = select(PhotoDoubt).where(PhotoDoubt.branch_id.in_(branches_of(speaker)))
    return query.order_by(PhotoDoubt.verdict.is_not(None), PhotoDoubt.id.desc())


def folders(speaker: Speaker, today: date) -> Select[tuple[Insured, ArchiveFolder]]:
    """Insureds of the tree with a policy in force, each with its folder (None for none)."""
    own = (
        select(PolicyInsured.insured_id)
        .join(Policy, Policy.id == PolicyInsured.policy_id)
        .where(
            PolicyInsured.insured_id == Insured.id, Policy.branch_id.in_(branches_of(speaker)),
            Policy.start_on <= today, Policy.end_on >= today,
            (Policy.ended_early_on.is_(None)) | (Policy.ended_early_on >= today),
        )
    )  # fmt: skip
    query = select(Insured, ArchiveFolder).outerjoin(ArchiveFolder, ArchiveFolder.insured_id == Insured.id)
    return query.where(own.exists()).order_by(ArchiveFolder.insured_id.is_not(None), Insured.id)


def insured_in_tree(session: Session, speaker: Speaker, insured_id: int) -> Insured:
    """Raises not_found; DeniedError for an insured without a policy in the tree."""
    row = session.get(Insured, insured_id)
    if row is None:
        raise DomainError("not_found", 404)
    mine = select(
        exists().where(
            PolicyInsured.insured_id == insured_id, PolicyInsured.policy_id == Policy.id,
            Policy.branch_id.in_(branches_of(speaker)),
        )
    )  # fmt: skip
    if not session.scalar(mine):
        raise DeniedError(speaker.actor, f"insured:{insured_id}")
    return row


def photos_between(
    session: Session, after: datetime | None, until: datetime, most: int
) -> list[Row[tuple[int, str, str, datetime]]]:
    """(service, digest, MIME type, when) of photos that came to services after an instant, the oldest first."""
    kept_ = (
        select(ArchiveItem.service_id.label("service_id"), File.sha256, File.mime, ArchiveItem.added_at.label("at"))
        .join(File, File.id == ArchiveItem.file_id)
        .where(ArchiveItem.kind == Kind.PHOTO)
    )
    found_ = (
        select(Hazard.service_id.label("service_id"), File.sha256, File.mime, HazardFile.added_at.label("at"))
        .join(HazardFile, HazardFile.hazard_id == Hazard.id)
        .join(File, File.id == HazardFile.file_id)
        .where(HazardFile.kind == "found")
    )
    both = union_all(kept_, found_).subquery().c
    query = select(both.service_id, both.sha256, both.mime, both.at).where(both.at <= until)
    if after is not None:
        query = query.where(both.at > after)
    return list(session.execute(query.order_by(both.at, both.service_id, both.sha256).limit(most)))


def photos_of_services(session: Session, where: Select[tuple[int]]) -> list[Row[tuple[int, str]]]:
    """(service, digest) of every photo of services, whose ids `where` selects."""
    kept_ = select(ArchiveItem.service_id, File.sha256).join(File, File.id == ArchiveItem.file_id).where(
        ArchiveItem.kind == Kind.PHOTO, ArchiveItem.service_id.in_(where)
    )  # fmt: skip
    found_ = (
        select(Hazard.service_id, File.sha256)
        .join(HazardFile, HazardFile.hazard_id == Hazard.id)
        .join(File, File.id == HazardFile.file_id)
        .where(HazardFile.kind == "found", Hazard.service_id.in_(where))
    )
    return list(session.execute(union_all(kept_, found_)))


def facts(session: Session, digests: Sequence[str]) -> dict[str, PhotoFact]:
    rows = session.scalars(select(PhotoFact).where(PhotoFact.sha256.in_(digests)))
    return {row.sha256: row for row in rows}
