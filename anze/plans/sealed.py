"""What the chain has of plans by digest (6.1), beside the rows as they stand."""

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import String, cast, select
from sqlalchemy.orm import Session

from anze.audit.chain import canonical, digest
from anze.audit.raw import as_text, events, raw
from anze.audit.sealed import Seal
from anze.plans.models import InsuredProfile, PlanVersion


def seals(session: Session) -> Iterator[Seal]:
    """Every version that was offered, and every profile."""
    expected = {
        f"{event.subject}:{event.content.get('version')}": event.content.get("version_sha256")
        for event in events(session, "plan.offered")
    }
    columns = [raw(session, cast(column, String)) for column in (PlanVersion.body, PlanVersion.profiles)]
    query = select(PlanVersion.plan_id, PlanVersion.version, *columns).where(PlanVersion.offered_at.is_not(None))
    actual = {
        f"plan:{plan}:{version}": digest(canonical({
            "plan": plan, "version": version, "body": _read(body), "profiles": _read(profiles)
        }))
        for plan, version, body, profiles in session.execute(query)
    }  # fmt: skip
    yield from _pairs("plan_version", expected, actual)
    written = {
        f"{event.subject}:{event.content.get('version')}": event.content.get("profile_sha256")
        for event in events(session, "plan.profile")
    }
    rows = session.execute(
        select(InsuredProfile.insured_id, InsuredProfile.version, raw(session, cast(InsuredProfile.said, String)))
    )  # fmt: skip
    kept = {f"insured:{id_}:{version}": digest(canonical(_read(said))) for id_, version, said in rows}
    yield from _pairs("insured_profile", written, kept)


def _pairs(what: str, expected: dict[str, Any], actual: dict[str, str]) -> Iterator[Seal]:
    for subject in sorted(expected.keys() | actual.keys()):
        yield Seal(subject, what, expected.get(subject), actual.get(subject))


def _read(value: Any) -> Any:
    """JSON as it was written; what is none stands for itself."""
    words = as_text(value)
    try:
        return json.loads(words) if words is not None else None
    except ValueError:
        return words
