"""The dialogue with staff about duties: a question, a change of it, or something to be done with its result."""

from typing import Any

from sqlalchemy.orm import Session

from anze.audit.chain import canonical, digest
from anze.calendar.data import CalendarStore
from anze.clock import legal_date
from anze.conversations import uploads
from anze.conversations.files import Stored
from anze.conversations.turn import Turn
from anze.obligations import chart, export, reminding, subscribing, usecases, wording
from anze.obligations.asking.answering import described
from anze.obligations.asking.model import Reading
from anze.obligations.query import Query
from anze.obligations.rhythm import rhythm
from anze.obligations.wording import say
from anze.standard.usecases import cite
from anze.texts import shortened

Made = export.Made
SVG = "image/svg+xml"
type Last = dict[str, Any] | None
"""The last query of the talk as JSON"""


def read(session: Session, turn: Turn, words: str, last: Last, calendar: CalendarStore) -> Reading:
    """What the words are: a query, an action, a problem."""
    return usecases.read(session, turn.speaker, words, _last(last), turn.now, calendar.calendar())


def answer(
    session: Session, turn: Turn, query: dict[str, Any], unknown: str, calendar: CalendarStore
) -> dict[str, Any]:
    """{"text", "custom", "query", "connected"}: the answer as a message, and the query to keep."""
    asked = Query.from_json(query)
    found = usecases.run(session, turn.speaker, asked, turn.now, calendar.calendar(), size=usecases.CHAT_ROWS)
    view = usecases.view(session, turn.speaker, found, turn.now)
    lines = [view["understood"], *([unknown] if unknown else []), *view["lines"]]
    if view["connected"] and view["total"] > len(view["rows"]) and not view["groups"]:
        lines.append(say("more_rows", shown=len(view["rows"])))
    custom = usecases.parts(view) | {"citations": cite([view["clause"]], view["edition_key"])}
    return {"text": "\n".join(lines), "custom": custom, "query": query, "connected": view["connected"]}


def trouble(session: Session, turn: Turn, found: Reading, last: Last) -> dict[str, Any]:
    """{"words", "choices": [{"rule", "name"}]}: what was not understood, and what may be meant."""
    told = described(session, turn.speaker, found, _last(last), turn.now)
    return {"words": told["words"], "choices": told["choices"]}


def export_file(session: Session, turn: Turn, query: dict[str, Any], form: str, calendar: CalendarStore) -> export.Made:
    """All rows as a file. Raises DomainError obligation_rule."""
    return export.made(session, turn.speaker, Query.from_json(query), turn.now, calendar.calendar(), form)


def chart_file(session: Session, turn: Turn, query: dict[str, Any], calendar: CalendarStore) -> export.Made | None:
    """The sums as a picture; None when there is nothing to draw."""
    asked = Query.from_json(query)
    found = usecases.run(session, turn.speaker, asked, turn.now, calendar.calendar(), size=1, apart=False)
    names, check = usecases.named(session, turn.speaker), found.check
    groups = usecases.groups(found, names)
    bars = [chart.Bar(one["name"], one["found"], one["total"], one["rate"] or "" if asked.share else "")
            for one in groups]  # fmt: skip
    if not groups:
        bars = [chart.Bar(wording.part_name(check, key), count, count)
                for key, count in wording.ordered(found).items() if count]  # fmt: skip
    if not bars:
        return None
    standard = found.standard
    foot = say("chart_foot", day=found.today.isoformat(), edition=standard.edition.cite)
    content = chart.drawn(wording.short(asked, standard.check, names), foot, bars)
    name = say("file.chart", name=check.name, day=found.today.isoformat())
    return export.Made(name, SVG, content, len(bars))


def keep(session: Session, turn: Turn, made: export.Made, sha256: str) -> dict[str, Any]:
    """The file as one of this talk: {"file_id"}. Its bytes are on the disk already."""
    stored = Stored(sha256, made.mime, len(made.content))
    return {"file_id": uploads.add_file(session, turn.conversation_id, stored, made.name, turn.now).id}


def preview(session: Session, turn: Turn, query: dict[str, Any], calendar: CalendarStore) -> dict[str, Any]:
    """Who would be reminded of what, in words: {"fields", "pending"}. Raises what reminding.preview raises."""
    shown = reminding.preview(session, turn.speaker, Query.from_json(query), turn.now, calendar)
    names = "、".join(shown["names"][: reminding.SHOWN])
    if shown["count"] > reminding.SHOWN:
        names = say("apart.more", names=names)
    fields = {"count": shown["count"], "names": names, "words": shown["words"], "to": say(f"remind.to.{shown['to']}")}
    mark = digest(canonical({"query": query, "ids": shown["ids"]}))[:16]
    pending = {"action": "remind", "query": query, "ids": shown["ids"], "shown": mark}
    return {"fields": fields | {"shown": mark}, "pending": pending}


def remind(session: Session, turn: Turn, pending: dict[str, Any], calendar: CalendarStore) -> dict[str, Any]:
    """Do what was shown: {"fields": {"count", "left"}}."""
    query, ids = Query.from_json(pending["query"]), list(pending["ids"])
    return {"fields": reminding.remind(session, turn.speaker, query, ids, turn.now, calendar)}


def subscribe(session: Session, turn: Turn, query: dict[str, Any], words: str) -> dict[str, Any]:
    """{"fields": {"when", "what", "next"}}; {} when the words name no time."""
    found = rhythm(words, turn.now)
    if found is None:
        return {}
    asked = Query.from_json(query)
    subscribing.subscribe(session, turn.speaker, asked, found, turn.now)
    names = usecases.named(session, turn.speaker)
    what = wording.short(asked, usecases.known(legal_date(turn.now)).check, names)
    return {"fields": {"when": subscribing.when_words(found), "what": what}}


def subscriptions(session: Session, turn: Turn) -> dict[str, Any]:
    """{"items": [{"id", "what", "when", "next"}…]}."""
    return {"items": subscribing.listed(session, turn.speaker, turn.now)}


def unsubscribe(session: Session, turn: Turn, id_: int | None) -> dict[str, Any]:
    """{"count"}: how many ended."""
    return {"count": subscribing.unsubscribe(session, turn.speaker, id_, turn.now)}


def _last(kept: Last) -> Query | None:
    return Query.from_json(kept) if kept else None


PLAIN: dict[str, Any] = {name: value for name, value in Query("").to_json().items() if name != "check"}
"""A query without any condition, to be asked of one check"""


def subscription_columns() -> list[str]:
    """The heads of the list of subscriptions."""
    return [say(f"column.subscription_{name}") for name in ("what", "when", "next")]


def stop_title(what: str) -> str:
    """The title of the button that ends a subscription."""
    return say("stop", what=shortened(what, 16))
