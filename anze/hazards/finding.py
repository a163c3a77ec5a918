"""A hazard is found in a service: written down once, told to the insured in the same transaction (6.2)."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from anze.audit.chain import append, digest
from anze.bookings.models import Service
from anze.clock import legal_date
from anze.conversations.models import SharedFile
from anze.errors import DomainError
from anze.hazards import store
from anze.hazards.models import Hazard, HazardFile, HazardLevel, HazardStatus
from anze.hazards.telling import tell_found
from anze.identity.denied import DeniedError
from anze.identity.speaker import Speaker
from anze.policies.models import Policy
from anze.texts import text as say


def found(
    session: Session,
    speaker: Speaker,
    service_number: str,
    *,
    level: HazardLevel,
    place: str,
    description: str,
    basis: str,
    advice: str,
    client_id: str,
    file_ids: list[str],
    now: datetime,
) -> dict[str, Any]:
    """Write down a hazard of one's own order and tell the insured at once.

    Gives {"number", "level", "new", "notified", "told"}: `told` are the talks that were spoken in, for the hub to
    wake. The same `client_id` again gives the first hazard (new: False) and does nothing. Raises DomainError not_found
    (DeniedError for another's order), hazard_service, hazard_incomplete, hazard_client_id, file_unknown.
    """
    service = _service(session, speaker, service_number)
    # The service is held, so that the same record sent twice at once over a bad line comes one after the other.
    known = store.by_client_id(session, client_id)
    if known is not None:
        if known.service_id != service.id:
            raise DomainError("hazard_client_id", 409)
        return _result(known, new=False, told=[])
    if service.status not in store.BEGUN:
        raise DomainError("hazard_service", 409)
    if not all(words.strip() for words in (place, description, basis, advice)):
        raise DomainError("hazard_incomplete", 422)
    file_ids = list(dict.fromkeys(file_ids))
    if store.files_of_staff(session, speaker.staff_id or 0, file_ids) != set(file_ids):
        raise DomainError("file_unknown", 422)
    day = legal_date(now)
    hazard = Hazard(
        number=f"YH{day:%Y%m%d}{store.next_serial(session, day):03d}",
        service_id=service.id,
        insured_id=service.insured_id,
        branch_id=session.get_one(Policy, service.policy_id).branch_id,
        client_id=client_id,
        level=level,
        place=place.strip(),
        description=description.strip(),
        basis=basis.strip(),
        advice=advice.strip(),
        status=HazardStatus.OPEN,
        found_at=now,
        found_by=speaker.actor,
    )
    session.add(hazard)
    session.flush()
    add_files(session, hazard, file_ids, "found", now)
    _record(session, hazard, file_ids)
    told = tell_found(session, hazard, file_ids, now)
    session.flush()
    return _result(hazard, new=True, told=told)


def _service(session: Session, speaker: Speaker, number: str) -> Service:
    service = store.service(session, speaker, number)
    if service is not None:
        return service
    if store.service_exists(session, number):
        raise DeniedError(speaker.actor, f"service:{number}"[:80])
    raise DomainError("not_found", 404)


def _record(session: Session, hazard: Hazard, file_ids: list[str]) -> None:
    words = {name: getattr(hazard, name) for name in ("place", "description", "basis", "advice")}
    body = {f"{name}_sha256": digest(value) for name, value in words.items()}
    append(
        session,
        at=hazard.found_at,
        kind="hazard.found",
        subject=f"hazard:{hazard.id}",
        actor=hazard.found_by,
        body=body | {"number": hazard.number, "level": str(hazard.level), "files": file_ids},
    )


def add_files(session: Session, hazard: Hazard, file_ids: list[str], kind: str, now: datetime) -> list[str]:
    """Photos as `found` or `rectified`, readable by whoever acts for the insured. Gives those that were not there."""
    added = []
    for file_id in file_ids:
        if session.get(HazardFile, (hazard.id, file_id)) is not None:
            continue
        session.add(HazardFile(hazard_id=hazard.id, file_id=file_id, kind=kind, added_at=now))
        if session.get(SharedFile, (file_id, hazard.insured_id)) is None:
            title = say(f"hazard.file.{kind}", number=hazard.number, place=hazard.place[:100])
            session.add(
                SharedFile(
                    file_id=file_id,
                    insured_id=hazard.insured_id,
                    subject=f"hazard:{hazard.id}",
                    title=title,
                    shared_at=now,
                )
            )
        added.append(file_id)
    session.flush()
    return added


def _result(hazard: Hazard, *, new: bool, told: list[str]) -> dict[str, Any]:
    return {
        "number": hazard.number,
        "level": hazard.level,
        "new": new,
        "notified": hazard.notified_at is not None,
        "told": told,
    }
