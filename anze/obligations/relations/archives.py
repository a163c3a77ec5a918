"""Folders of insureds and archives of services (7.4, 附录B)."""

from typing import Any

from sqlalchemy import Select, func, literal, or_, select

from anze.archives.completeness import Until, complete
from anze.archives.models import ArchiveFolder
from anze.bookings.models import Service, ServiceStatus
from anze.obligations.relations.base import Asked, Relation, contract, firm
from anze.policies.models import Insured, Policy, PolicyInsured
from anze.providers.models import Provider
from anze.standard.editions import editions
from anze.surveys.models import Survey


def _folders(asked: Asked) -> Select[Any]:
    """Each insured with a policy in force, of the branch of its newest one: opened, or not."""
    newest = (
        select(PolicyInsured.insured_id, func.max(Policy.id).label("policy_id"))
        .join(Policy, Policy.id == PolicyInsured.policy_id)
        .where(
            Policy.start_on <= asked.today, Policy.end_on >= asked.today,
            or_(Policy.ended_early_on.is_(None), Policy.ended_early_on >= asked.today),
        )
        .group_by(PolicyInsured.insured_id)
        .subquery()
    )  # fmt: skip
    return (
        select(
            Insured.id.label("id"), Insured.name.label("number"), *contract(), *firm(), Policy.start_on.label("day"),
            ArchiveFolder.made_on.label("made_on"),
        )
        .join(newest, newest.c.insured_id == Insured.id)
        .join(Policy, Policy.id == newest.c.policy_id)
        .outerjoin(ArchiveFolder, (ArchiveFolder.insured_id == Insured.id) & (ArchiveFolder.made_on <= asked.today))
    )  # fmt: skip


def _items(asked: Asked) -> Select[Any]:
    """Each completed service: whether its archive holds what Table B.1 asks for."""
    return (
        select(
            Service.id.label("id"), Service.number.label("number"), *contract(), *firm(), Service.item.label("item"),
            Service.completed_on.label("day"), Service.provider_id.label("provider_id"),
            Provider.short_name.label("provider"), Service.archived_on.label("archived_on"),
            complete(editions().on(asked.today), Until(asked.today)).label("complete"),
        )
        .join(Policy, Policy.id == Service.policy_id)
        .join(Insured, Insured.id == Service.insured_id)
        .outerjoin(Provider, Provider.id == Service.provider_id)
        .outerjoin(Survey, Survey.service_id == Service.id)
        .where(
            Service.status == literal(ServiceStatus.COMPLETED.value), Service.completed_on <= asked.today,
            asked.seen(Service.requested_at),
        )
    )  # fmt: skip


ARCHIVE_FOLDERS = Relation("archive_folder", _folders, ("number", "policy", "made_on"))
ARCHIVE_ITEMS = Relation(
    "archive_item", _items, ("number", "insured", "item", "day", "provider"),
    dimensions=frozenset({"sector", "size", "province", "insured_id", "item", "provider_id"}),
)  # fmt: skip
