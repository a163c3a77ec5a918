"""Issue a letter: read the case, make the files outside any transaction, compare and keep."""

import asyncio
from datetime import datetime
from typing import Any

from anze.identity.speaker import Speaker
from anze.letters import usecases
from anze.letters.making import Made, make
from anze.letters.models import LetterKind
from anze.letters.template import Templates
from anze.services import Services


async def issue(here: Services, speaker: Speaker, number: str, kind: LetterKind, now: datetime) -> dict[str, Any]:
    """The new version. Raises as usecases.prepare, making.make and usecases.issue."""
    content = await here.db.in_read(lambda s: usecases.prepare(s, speaker, number, kind, now, here.dates))

    def write() -> Made:
        return make(content, Templates(here.settings.knowledge, here.settings.data).of(kind))

    made = await asyncio.to_thread(write)
    pdf = await asyncio.to_thread(here.files.put, made.pdf, "letter.pdf")
    word = await asyncio.to_thread(here.files.put, made.word, "letter.docx")
    return await here.db.in_write(
        lambda s: usecases.issue(s, speaker, number, content, pdf, word, made.template_sha256, now, here.dates)
    )
