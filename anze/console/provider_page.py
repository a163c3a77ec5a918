"""One provider as a branch appraises it (8.1), and one improvement (8.2)."""

from collections.abc import Callable
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from anze.appraisals import items, usecases
from anze.appraisals.rules import Content, Source
from anze.clock import legal_date
from anze.console.action import Action, Done, Given, taken
from anze.console.frame import colleague, frame
from anze.console.html import facts, section, table, tag
from anze.console.providers_page import mean, say
from anze.console.visit import Visit
from anze.console.words import moment
from anze.errors import DomainError
from anze.identity.speaker import Speaker
from anze.texts import text


async def build(visit: Visit, provider_id: int, branch_id: int) -> None:
    """The page. Raises SignedOutError, not_found; a denied read is kept."""
    year = legal_date(visit.now()).year
    who, one = await visit.read(lambda s, me: (colleague(s, me), usecases.one(s, me, provider_id, branch_id, year)))
    with frame(visit, who, "providers", say("one", provider=one["provider"], branch=one["branch"])):
        work = one["work"]
        if work["marks"]:
            tag("p", say("work", year=year, services=work["services"], marks=work["marks"],
                         mean=mean(work["mean_x100"]), low=work["low"]))  # fmt: skip
        else:
            tag("p", say("no_marks", year=year, services=work["services"]))
        with section(say("qualifications")), tag("ul", classes="plain-list"):
            for row in one["qualifications"]:
                until = row["valid_to"] or say("open_ended")
                tag("li", f"{say('kind.' + row['kind'])} · {row['items']} · {row['valid_from']} – {until}")
        _crew(one, legal_date(visit.now()))
        with section(say("history")):
            _history(one["appraisals"])
        if who.role in usecases.APPRAISES:
            _form(visit, provider_id, branch_id, year, one["suggested_rating"])
        tag("a", say("title"), href="/staff/providers")


def _crew(one: dict[str, Any], today: date) -> None:
    """Certificates of people and instruments; what has run out stands out."""
    for name, rows, until in (("certificates", one["certificates"], "valid_to"),
                              ("equipment", one["equipment"], "checked_until")):  # fmt: skip
        with section(say(name), open_=False), tag("ul", classes="plain-list"):
            if not rows:
                tag("p", say("none_registered"), "soft")
            for row in rows:
                words = " · ".join(str(value) for key, value in row.items() if key != until)
                over = row[until] is not None and row[until] < today.isoformat()
                last = say("run_out", on=row[until]) if over else row[until] or say("open_ended")
                with tag("li"):
                    tag("span", words)
                    tag("span", last, "error" if over else "soft")


def _history(rows: list[dict[str, Any]]) -> None:
    if not rows:
        tag("p", say("none_history"), "soft")
        return
    for row in rows:
        head = say("passed" if row["passed"] else "failed", total=row["total"], on=row["appraised_on"])
        tag("h3", f"{say('version', year=row['year'], version=row['version'])} · {head}")
        heads = [say(f"content.{one}") for one in Content]
        table(heads, [[str(row["scores"].get(str(one), "")) for one in Content]], head)
        tag("p", f"{row['words']}（{row['by']}）", "soft said")


def _form(visit: Visit, provider_id: int, branch_id: int, year: int, rating: int | None) -> None:
    years = {str(year): str(year), str(year - 1): str(year - 1)}
    action = Action(visit, "appraise", taken(visit, _appraised(visit, provider_id, branch_id)))
    action.field("appraised_year", "choice", years, str(year))
    for one in Content:
        given = str(rating) if one is Content.RATING and rating is not None else ""
        action.field(one.value, "line", value=given)
    action.field("grounds").show()


def _appraised(visit: Visit, provider_id: int, branch_id: int) -> Callable[[Given], Done]:
    def of(given: Given) -> Done:
        scores = {one: _score(given[one.value]) for one in Content}

        def work(session: Session, speaker: Speaker) -> list[str]:
            year = int(given["appraised_year"])
            usecases.appraise(session, speaker, provider_id, branch_id, year, scores, given["grounds"], visit.now())
            return []

        return work

    return of


def _score(typed: str) -> int:
    if not typed.isascii() or not typed.isdecimal() or len(typed) > 3:
        raise DomainError("appraisal_scores", 422)
    return int(typed)


async def build_item(visit: Visit, id_: int) -> None:
    """One improvement. Raises SignedOutError, not_found; a denied read is kept."""
    today = legal_date(visit.now())

    def read(session: Session, speaker: Speaker) -> Any:
        return colleague(session, speaker), items.view(session, items.found(session, speaker, id_), today)

    who, one = await visit.read(read)
    with frame(visit, who, "providers", say("item")):
        with section(text("console.work.facts")):
            facts([
                (say("field.branch"), one["branch"]), (say("field.source"), say(f"source.{one['source']}")),
                (say("field.provider"), one["provider"] or ""), (say("field.finding"), one["finding"]),
                (say("field.measure"), one["measure"]), (say("field.owner"), one["owner"]),
                (say("field.due"), f"{one['due_on']} {say('late')}" if one["late"] else one["due_on"]),
                (say("field.opened"), f"{one['opened_by']} {one['opened_on']}"),
                (say("field.result"), one["result"] or ""),
                (say("field.closed"), f"{one['closed_by']} {moment(one['closed_at'])}" if one["closed_at"] else ""),
            ])  # fmt: skip
        if who.role in usecases.APPRAISES and one["closed_at"] is None:
            Action(visit, "improved", taken(visit, _closed(visit, id_))).field("done").show()
        tag("a", say("title"), href="/staff/providers")


def _closed(visit: Visit, id_: int) -> Callable[[Given], Done]:
    def of(given: Given) -> Done:
        def work(session: Session, speaker: Speaker) -> list[str]:
            items.close(session, speaker, id_, given["done"], visit.now())
            return []

        return work

    return of


async def build_new_item(visit: Visit) -> None:
    """The form for an improvement of the own branch. Raises SignedOutError, forbidden."""

    def read(session: Session, speaker: Speaker) -> Any:
        if speaker.role not in usecases.APPRAISES:
            raise DomainError("forbidden", 403)
        return colleague(session, speaker)

    who = await visit.read(read)

    async def work(given: Given) -> None:
        try:
            due_on = date.fromisoformat(given["planned_on"])
        except ValueError as error:
            raise DomainError("day_unread", 422) from error
        item = items.Item(Source(given["source"]), given["finding"], given["measure"], given["owner"], due_on)
        made = await visit.write(lambda s, me: items.opened(s, me, item, visit.now()).id)
        visit.go(f"/improvements/{made}")

    with frame(visit, who, "providers", text("console.work.action.improve")):
        sources = {str(one): say(f"source.{one}") for one in Source}
        action = Action(visit, "improve", work)
        action.field("source", "choice", sources, Source.REGULATOR.value).field("finding").field("measure")
        action.field("owner", "line").field("planned_on", "day").show()
        tag("a", say("title"), href="/staff/providers")
