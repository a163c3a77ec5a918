"""What the chain has of letters by digest, beside the rows that say which file is which version."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import String, cast, select
from sqlalchemy.orm import Session, aliased

from anze.audit.raw import as_text, events, raw
from anze.audit.sealed import Seal, seal
from anze.conversations.models import File
from anze.letters.models import ComplaintLetter, LetterOrigin

_ORIGINS = {"complaint.letter_issued": LetterOrigin.ISSUED, "complaint.letter_scanned": LetterOrigin.SCAN}

type _Key = tuple[str, str, str]
"""Subject, kind, version"""


def seals(session: Session) -> Iterator[Seal]:
    """Each version: where it came from, who issued it, and the digests of its files."""
    told: dict[_Key, str] = {}
    for event in events(session, *_ORIGINS):
        body, origin = event.content, _ORIGINS[str(event.kind)]
        key = (str(event.subject), str(body.get("kind")), str(body.get("version")))
        told[key] = _whole(origin, event.actor, body.get("file_id"), body.get("sha256"), body.get("docx_sha256"))
    kept = _rows(session)
    for key in sorted(told.keys() | kept.keys()):
        yield Seal(key[0], "letter", told.get(key), kept.get(key))


def _rows(session: Session) -> dict[_Key, str]:
    letter, file, word = ComplaintLetter, aliased(File), aliased(File)
    texts = letter.kind, cast(letter.version, String), letter.origin, letter.issued_by, letter.file_id
    digests = raw(session, file.sha256).label("file"), raw(session, word.sha256).label("word")
    query = (
        select(letter.complaint_id, *(raw(session, column) for column in texts), *digests)
        .outerjoin(file, file.id == letter.file_id)
        .outerjoin(word, word.id == letter.word_id)
    )
    found = {}
    for complaint_id, *values in session.execute(query):
        kind, version, *whole = (as_text(value) for value in values)
        found[f"complaint:{complaint_id}", str(kind), str(version)] = _whole(*whole)
    return found


def _whole(*parts: Any) -> str:
    return str(seal("\n".join("" if part is None else str(part) for part in parts)))
