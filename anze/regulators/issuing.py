"""Make files outside any transaction, then keep them: drafts of reports (9.2) and hand-overs of data (9.1)."""

import asyncio
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from anze.identity.speaker import Speaker
from anze.letters.making import Made, make
from anze.letters.template import Templates
from anze.regulators import handover, reporting
from anze.services import Services


async def draft(
    here: Services, speaker: Speaker, candidate_id: int, authority_id: int, statement: str, now: datetime
) -> dict[str, Any]:
    """The new draft. Raises as reporting.prepare, making.make and reporting.keep."""
    content = await here.db.in_read(lambda s: reporting.prepare(s, speaker, candidate_id, authority_id, statement, now))

    def write() -> Made:
        return make(content, Templates(here.settings.knowledge, here.settings.data).of(content.form.name))

    made = await asyncio.to_thread(write)
    pdf = await asyncio.to_thread(here.files.put, made.pdf, "report.pdf")
    word = await asyncio.to_thread(here.files.put, made.word, "report.docx")
    return await here.db.in_write(
        lambda s: reporting.keep(
            s, speaker, candidate_id, authority_id, statement, content, pdf, word, made.template_sha256, now
        )
    )


async def hand_over(
    here: Services, speaker: Speaker, branch_id: int | None, province: str, period: str, data_at: datetime | None,
    now: datetime,
) -> tuple[dict[str, Any], bool]:  # fmt: skip
    """The hand-over, and whether it is new. Raises as handover.prepare and handover.keep."""
    knowledge = here.settings.knowledge
    prepared = await here.db.in_read(
        lambda s: handover.prepare(s, speaker, branch_id, province, period, data_at, now, knowledge)
    )
    if prepared.known is not None:
        known = prepared.known
        return await here.db.in_read(lambda s: handover.one(s, speaker, known)), False
    stored = {made.name: await asyncio.to_thread(here.files.keep, made.content, made.mime) for made in prepared.files}

    def work(session: Session) -> tuple[dict[str, Any], bool]:
        id_, new = handover.keep(session, speaker, prepared, stored, now)
        return handover.one(session, speaker, id_), new

    return await here.db.in_write(work)
