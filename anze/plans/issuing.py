"""Make a plan's papers outside any transaction: to offer it, or to look at a draft."""

import asyncio
from datetime import datetime

from sqlalchemy.orm import Session

from anze.conversations.files import Stored
from anze.identity.speaker import Speaker
from anze.letters.form import Content
from anze.letters.making import Made, make
from anze.letters.template import Templates
from anze.plans import offering, store
from anze.plans.document import content_of
from anze.plans.drafting import say
from anze.services import Services


async def offer(here: Services, speaker: Speaker, id_: int, edition: int, now: datetime) -> list[str]:
    """Make the documents, and offer them; gives the talks that were spoken in.

    Raises forbidden, not_found, plan_not_draft, plan_changed (409), plan_gaps (409: an element of 6.1 is missing),
    and those of letters.making.make; DeniedError.
    """
    content = await here.db.in_read(lambda s: content_of(s, offering.ready(s, speaker, id_, edition), now))
    pdf, word = await _stored(here, content)
    return await here.db.in_write(lambda s: offering.offered(s, speaker, id_, edition, content, pdf, word, now))


async def preview(here: Services, speaker: Speaker, id_: int, form: str, now: datetime) -> tuple[bytes, str]:
    """A draft as it would be offered now, kept nowhere: (bytes, file name). Raises not_found; DeniedError."""

    def read(session: Session) -> tuple[Content, str]:
        version = store.found(session, speaker, id_).versions[0]
        return content_of(session, version, now), say("file", number=f"{version.plan.number}-{version.version}")

    content, name = await here.db.in_read(read)
    made = await asyncio.to_thread(_make, here, content)
    return (made.pdf, f"{name}.pdf") if form == "pdf" else (made.word, f"{name}.docx")


def _make(here: Services, content: Content) -> Made:
    return make(content, Templates(here.settings.knowledge, here.settings.data).of(content.form.name))


async def _stored(here: Services, content: Content) -> tuple[Stored, Stored]:
    made = await asyncio.to_thread(_make, here, content)
    pdf = await asyncio.to_thread(here.files.put, made.pdf, "plan.pdf")
    return pdf, await asyncio.to_thread(here.files.put, made.word, "plan.docx")
