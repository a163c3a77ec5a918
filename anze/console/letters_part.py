"""The letters of a case: issue one as it stands now, load it as PDF or Word, hand in the sealed scan that counts."""

from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy.orm import Session

from anze.console.files import file_field
from anze.console.frame import button
from anze.console.html import section, tag
from anze.console.visit import Visit
from anze.console.words import moment, say
from anze.identity.speaker import Speaker
from anze.letters import usecases
from anze.letters.issuing import issue
from anze.letters.models import LetterKind
from anze.texts import text

_SCAN = ".pdf,.jpg,.jpeg,.png"


def read(session: Session, speaker: Speaker, number: str) -> list[dict[str, Any]]:
    """Every version, the newest of each kind first. Raises as the case does."""
    items: list[dict[str, Any]] = usecases.listed(session, speaker, number)["items"]
    return items


def letters(visit: Visit, case: dict[str, Any], role: str, again: Callable[[], Awaitable[None]]) -> None:
    """The part of the page; `case["letters"]` is what `read` gave."""
    may_issue = role in usecases.ISSUERS
    with section(say("letters.title")):
        for kind in LetterKind:
            versions = [one for one in case["letters"] if one["kind"] == kind]
            may_make = may_issue and (kind != LetterKind.DECISION or case["decision"] is not None)
            if not versions and not may_make:
                continue
            tag("h3", text(f"letters.title.{kind}"))
            if versions:
                with tag("ul", classes="plain-list"):
                    for one in versions:
                        _version(case["number"], one)
            if may_make:
                _actions(visit, case["number"], kind, again, issued=bool(versions))
        if not case["letters"]:
            tag("p", say("letters.none"), "soft")


def _version(number: str, one: dict[str, Any]) -> None:
    base = f"/api/staff/complaints/{number}/letters/{one['kind']}/file?version={one['version']}"
    with tag("li"):
        tag("span", say(f"letters.origin.{one['origin']}", version=one["version"]))
        if one["counts"]:
            tag("span", say("letters.counts"), "chip")
        tag("a", say("letters.open"), href=f"{base}&form=pdf")
        if one["word"]:
            tag("a", "Word", href=f"{base}&form=docx")
        tag("span", f"{one['issued_by']} {moment(one['issued_at'])}", "soft")


def _actions(
    visit: Visit, number: str, kind: LetterKind, again: Callable[[], Awaitable[None]], *, issued: bool
) -> None:
    async def make() -> None:
        speaker = await visit.speaker()
        await visit.kept(issue(visit.services, speaker, number, kind, visit.now()))
        await again()

    async def scanned(file_id: str, _: str) -> None:
        now = visit.now()
        await visit.write(lambda s, me: usecases.scan(s, me, number, kind, file_id, now))
        visit.say(say("letters.scanned"))
        await again()

    with tag("div", classes="buttons"):
        button(say(f"letters.{'again' if issued else 'issue'}"), visit, make)
        if issued:
            file_field(visit, say("letters.scan"), scanned, accept=_SCAN)
