"""Staff issue a letter of a complaint, bring its sealed scan, list and read what was issued.

A letter is prepared (read), made outside any transaction (making.make), and issued (written).
"""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from anze.audit.chain import append
from anze.clock import SHANGHAI
from anze.complaints.dates import ComplaintDates
from anze.complaints.finding import found_for_staff
from anze.complaints.handling import not_in_own_cause
from anze.complaints.models import Complaint
from anze.conversations.files import Stored
from anze.conversations.models import File, SharedFile
from anze.conversations.uploads import add_file
from anze.errors import DomainError
from anze.identity.models import Role
from anze.identity.names import names
from anze.identity.speaker import Speaker
from anze.letters import store
from anze.letters.content import content_of
from anze.letters.form import Content
from anze.letters.kept import counting
from anze.letters.models import ComplaintLetter, LetterKind, LetterOrigin
from anze.texts import text as say

ISSUERS = frozenset({Role.INTAKE, Role.SUPERVISOR})
"""Who issues letters and brings the sealed scan."""
_SCANS = frozenset({"application/pdf", "image/jpeg", "image/png", "image/webp"})


def prepare(
    session: Session, speaker: Speaker, number: str, kind: LetterKind, now: datetime, dates: ComplaintDates
) -> Content:
    """What the letter is going to say.

    Raises DomainError forbidden, complaint_interest, not_found (DeniedError out of scope) and those of content_of.
    """
    case = _held(session, speaker, number, lock=False)
    return content_of(session, case, kind, now, dates)


def issue(
    session: Session,
    speaker: Speaker,
    number: str,
    content: Content,
    pdf: Stored,
    word: Stored,
    template_sha256: str,
    now: datetime,
    dates: ComplaintDates,
) -> dict[str, Any]:
    """Keep the letter as a new version and let the complainant read it; gives the version as in `listed`.

    `now` as in prepare. Raises as prepare, and complaint_changed (409) when the case no longer says what was made.
    """
    case = _held(session, speaker, number, lock=True)
    kind = LetterKind(content.form.name)
    if content_of(session, case, kind, now, dates) != content:
        raise DomainError("complaint_changed", 409)
    version = store.last_version(session, case.id, kind) + 1
    title = say("letters.shared", title=content.title, number=number, version=version)
    letter = ComplaintLetter(
        complaint_id=case.id,
        kind=kind,
        version=version,
        origin=LetterOrigin.ISSUED,
        file=add_file(session, speaker.conversation_id, pdf, f"{title}.pdf", now),
        word=add_file(session, speaker.conversation_id, word, f"{title}.docx", now),
        issued_at=now,
        issued_by=speaker.actor,
    )
    body = {"sha256": pdf.sha256, "docx_sha256": word.sha256, "template_sha256": template_sha256}
    return _keep(session, case, letter, title, "complaint.letter_issued", body | {"edition": case.edition})


def scan(
    session: Session, speaker: Speaker, number: str, kind: LetterKind, file_id: str, now: datetime
) -> dict[str, Any]:
    """The sealed paper as the version that counts; the same scan twice is one. Gives the version as in `listed`.

    Raises DomainError forbidden, complaint_interest, not_found (DeniedError out of scope), letter_not_issued (409),
    letter_scan_unknown, letter_scan_kind.
    """
    case = _held(session, speaker, number, lock=True)
    version = store.last_version(session, case.id, kind) + 1
    if version == 1:
        raise DomainError("letter_not_issued", 409)
    file = store.uploaded(session, speaker, file_id)
    known = store.with_file(session, file_id)
    if known is not None and (known.complaint_id, known.kind, known.origin) == (case.id, kind, LetterOrigin.SCAN):
        return _view(session, case, known)
    if file is None or known is not None:
        raise DomainError("letter_scan_unknown", 422)
    if file.mime not in _SCANS:
        raise DomainError("letter_scan_kind", 422)
    title = say("letters.shared_scan", title=say(f"letters.title.{kind}"), number=number, version=version)
    letter = ComplaintLetter(
        complaint_id=case.id,
        kind=kind,
        version=version,
        origin=LetterOrigin.SCAN,
        file=file,
        issued_at=now,
        issued_by=speaker.actor,
    )
    return _keep(session, case, letter, title, "complaint.letter_scanned", {"sha256": file.sha256})


def listed(session: Session, speaker: Speaker, number: str) -> dict[str, Any]:
    """Every version, the newest of each kind first: {"items", "total"}.

    An item: kind, version, origin (issued | scan), sha256, file_id, name, mime, size, `word` (its DOCX: file_id,
    sha256; None for a scan), issued_at, issued_by (name), counts (the one that a download gives). Raises not_found,
    DeniedError.
    """
    case = found_for_staff(session, speaker, number)
    rows = store.versions(session, case.id)
    found = {kind: counting(session, case.id, kind) for kind in LetterKind}
    who = names(session, [row.issued_by for row in rows])
    items = [_item(row, who, counts=row is found[LetterKind(row.kind)]) for row in rows]
    return {"items": items, "total": len(items)}


def file_of(
    session: Session, speaker: Speaker, number: str, kind: LetterKind, version: int | None, *, word: bool
) -> File:
    """The file of a version, without one of that which counts; `word`: its DOCX. Raises not_found, DeniedError."""
    case = found_for_staff(session, speaker, number)
    if version is not None:
        letter = store.version(session, case.id, kind, version)
    elif word:
        issued = (row for row in store.versions(session, case.id) if row.kind == kind and row.word is not None)
        letter = next(issued, None)
    else:
        letter = counting(session, case.id, kind)
    file = None if letter is None else letter.word if word else letter.file
    if file is None:
        raise DomainError("not_found", 404)
    return file


def _held(session: Session, speaker: Speaker, number: str, *, lock: bool) -> Complaint:
    if speaker.role not in ISSUERS:
        raise DomainError("forbidden", 403)
    case = found_for_staff(session, speaker, number, lock=lock)
    not_in_own_cause(session, case, speaker)
    return case


def _keep(
    session: Session, case: Complaint, letter: ComplaintLetter, title: str, event: str, body: dict[str, Any]
) -> dict[str, Any]:
    session.add(letter)
    session.flush()
    subject = f"complaint:{case.id}"
    if case.insured_id is not None and session.get(SharedFile, (letter.file_id, case.insured_id)) is None:
        shared = SharedFile(
            file_id=letter.file_id,
            insured_id=case.insured_id,
            subject=subject,
            title=title,
            shared_at=letter.issued_at,
        )
        session.add(shared)
    body |= {"number": case.number, "kind": str(letter.kind), "version": letter.version, "file_id": letter.file.id}
    append(session, at=letter.issued_at, kind=event, subject=subject, actor=letter.issued_by, body=body)
    return _view(session, case, letter)


def _view(session: Session, case: Complaint, letter: ComplaintLetter) -> dict[str, Any]:
    found = counting(session, case.id, LetterKind(letter.kind))
    return _item(letter, names(session, [letter.issued_by]), counts=letter is found)


def _item(letter: ComplaintLetter, who: dict[str, str], *, counts: bool) -> dict[str, Any]:
    file, word = letter.file, letter.word
    return {
        "kind": letter.kind,
        "version": letter.version,
        "origin": letter.origin,
        "sha256": file.sha256,
        "file_id": file.id,
        "name": file.name,
        "mime": file.mime,
        "size": file.size,
        "word": {"file_id": word.id, "sha256": word.sha256} if word else None,
        "issued_at": letter.issued_at.astimezone(SHANGHAI).isoformat(timespec="seconds"),
        "issued_by": who[letter.issued_by],
        "counts": counts,
    }
