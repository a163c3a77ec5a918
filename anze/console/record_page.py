"""The archive of one service: the lines of Table B.1, what there is and is missing, adding, filing, export."""

from typing import Any

from sqlalchemy.orm import Session

from anze.archives import doubts, keeping, record
from anze.archives.kinds import IN_WORDS, Kind, Verdict
from anze.archives.record import say
from anze.clock import legal_date
from anze.console.action import Action, Given, arrived, kept, taken
from anze.console.files import ACCEPT, file_field
from anze.console.frame import colleague, frame
from anze.console.html import facts, section, tag
from anze.console.visit import Visit
from anze.console.words import moment
from anze.identity.speaker import Speaker

_PHOTOS, _VIDEOS = "image/*", "video/mp4"


async def build(visit: Visit, number: str) -> None:
    """The page. Raises SignedOutError, not_found, booking_not_completed; a denied read is kept."""
    today, calendar = legal_date(visit.now()), visit.services.calendar.calendar()

    def read(session: Session, speaker: Speaker) -> tuple[Any, ...]:
        return (
            colleague(session, speaker), record.one(session, speaker, number, today, calendar),
            doubts.of_service(session, speaker, number),
        )  # fmt: skip

    who, one, photos = await visit.read(read)
    keeps = who.role in keeping.KEEPS
    with frame(visit, who, "records", f"{say('title')} · {one['number']}"):
        _head(one)
        with section(say("missing")):
            if one["missing"]:
                with tag("ul", classes="plain-list"):
                    for gap in one["missing"]:
                        with tag("li"):
                            tag("span", gap["words"], "error")
            else:
                tag("p", say("nothing_missing"))
        if keeps:
            with section(say("add")):
                _add_files(visit, one)
            _add_words(visit, one)
        for doubt in photos:
            _doubt(visit, doubt, keeps=keeps)
        _checklist(one)
        _files(visit, one, keeps=keeps)
        if keeps and one["archived_on"] is None:
            _file(visit, one)
        with tag("div", classes="links"):
            tag("a", say("export"), href=f"/api/staff/records/{one['number']}/export")
            tag("a", say("back"), href="/staff/records")


def _head(one: dict[str, Any]) -> None:
    if one["archived_on"]:
        state = say("filed", day=one["keep_until"])
    else:
        state = say("late" if one["late"] else "due", day=one["due_on"])
    facts([
        (say("column.firm"), one["insured"]), (say("column.item"), one["item_name"]),
        (say("column.completed"), one["completed_on"]),
        (say("column.state"), state + (say("provisional") if one["provisional"] and not one["archived_on"] else "")),
    ])  # fmt: skip


def _checklist(one: dict[str, Any]) -> None:
    with section(say("checklist"), open_=False), tag("ul", classes="plain-list"):
        if any(line["either"] for line in one["lines"]):
            tag("p", say("one_is_enough"), "soft")
        for line in one["lines"]:
            with tag("li"):
                tag("span", f"{line['cite']}：{line['text']}")
                state = "、".join(f"{need['name']}{'✓' if need['has'] else '✗'}" for need in line["needs"])
                tag("span", state, "soft")
        if any(need["kind"] == Kind.RECORD for line in one["lines"] for need in line["needs"]):
            with tag("li"):
                said = "、".join(f"{part['name']}{'✓' if part['said'] else '✗'}" for part in one["elements"])
                tag("span", f"{say('elements')}：{said}", "soft")


def _wanted(one: dict[str, Any]) -> list[tuple[Kind, str, str]]:
    """(kind, line, what to say) of what can be added: what is asked for, and a video."""
    found = []
    either = [line["code"] for line in one["lines"] if line["either"]]
    for line in one["lines"]:
        for need in line["needs"]:
            name = f"{need['name']}（{line['cite']}）" if line["code"] in either else need["name"]
            found.append((Kind(need["kind"]), line["code"], name))
    return [*found, (Kind.VIDEO, "", say("kind.video"))]


def _add_files(visit: Visit, one: dict[str, Any]) -> None:
    with tag("div", classes="buttons"):
        for kind, code, name in _wanted(one):
            if kind is not Kind.AMOUNT:
                accept = {Kind.PHOTO: _PHOTOS, Kind.VIDEO: _VIDEOS}.get(kind, ACCEPT)
                sent = _sent(visit, one["number"], kind, code)
                file_field(visit, name, sent, accept=accept, many=True, after=lambda: arrived(visit))


def _sent(visit: Visit, number: str, kind: Kind, code: str) -> Any:
    async def sent(file_id: str, _: str) -> None:
        now = visit.now()
        await visit.write(lambda s, me: keeping.add(s, me, number, kind, now, code=code, file_id=file_id) and None)

    return sent


def _add_words(visit: Visit, one: dict[str, Any]) -> None:
    lines = {f"{kind}|{code}": name for kind, code, name in _wanted(one) if kind in IN_WORDS}
    if not lines:
        return

    def do(session: Session, me: Speaker, given: Given) -> None:
        kind, _, code = str(given["archive_kind"]).partition("|")
        keeping.add(session, me, one["number"], Kind(kind), visit.now(), code=code, words=given["archive_words"])

    action = Action(visit, "archive_words", kept(visit, do), primary=False)
    action.field("archive_kind", "choice", lines, next(iter(lines))).field("archive_words").show()


def _files(visit: Visit, one: dict[str, Any], *, keeps: bool) -> None:
    with section(say("files")), tag("ul", classes="plain-list"):
        for file in one["others"]:
            with tag("li"):
                tag("span", f"{say('kind.' + file['kind'])} · {say('from_program')} · ")
                tag("a", file["title"], href=f"/api/files/{file['file_id']}")
        for item in one["items"]:
            with tag("li"):
                tag("span", f"{item['kind_name']} · ")
                if "file_id" in item:
                    tag("a", item["name"], href=f"/api/staff/records/{one['number']}/items/{item['id']}/file")
                else:
                    tag("span", item["words"])
                tag("span", say("added_by", who=item["added_by"], when=moment(item["added_at"])), "soft")
                if item["withdrawn"]:
                    tag("span", say("withdrawn", reason=item["withdrawn"]), "error")
    live = {item["id"]: f"{item['kind_name']} {item.get('name') or item['words']}" for item in one["items"]
            if not item["withdrawn"]}  # fmt: skip
    if keeps and live and one["archived_on"] is None:
        action = Action(visit, "archive_withdraw", kept(visit, lambda s, me, given: keeping.withdraw(
            s, me, one["number"], given["archive_item"], given["reason"], visit.now()
        )), primary=False)  # fmt: skip
        action.field("archive_item", "choice", live).field("reason", "line").show()


def _file(visit: Visit, one: dict[str, Any]) -> None:
    action = Action(visit, "archive_file", taken(visit, lambda given: lambda s, me: keeping.file(
        s, me, one["number"], one["version"], given.get("archive_reason") or None, visit.now()
    )["told"]), primary=not one["missing"])  # fmt: skip
    if one["missing"]:
        action.field("archive_reason", "line")
    action.show()


def _doubt(visit: Visit, one: dict[str, Any], *, keeps: bool) -> None:
    with section(say("doubts")):
        tag("p", one["words"], "error" if one["verdict"] is None else "")
        if one["verdict"]:
            words = f"{say('verdict.' + one['verdict'])}：{one['found']}（{one['looked_by']} {one['looked_on']}）"
            tag("p", words, "soft")
    if keeps and one["verdict"] is None:
        verdicts = {str(verdict): say(f"verdict.{verdict}") for verdict in Verdict}
        action = Action(visit, "photo_looked", kept(visit, lambda s, me, given: doubts.judge(
            s, me, one["id"], Verdict(given["judged"]), given["findings"], visit.now()
        )), primary=False)  # fmt: skip
        action.field("judged", "choice", verdicts, Verdict.FINE.value).field("findings", "line").show()
