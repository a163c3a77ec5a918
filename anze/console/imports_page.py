"""Imports: a template to fill in, a file to bring, and what was imported. For administrators."""

from typing import Any

from nicegui import ui
from nicegui.element import Element
from sqlalchemy.orm import Session

from anze.console.frame import colleague, frame
from anze.console.html import section, table, tag
from anze.console.pager import pager
from anze.console.visit import Visit
from anze.console.words import moment
from anze.identity.speaker import Speaker
from anze.imports import importer, usecases
from anze.texts import text

SIZE = 20
ACCEPT = ".xlsx,.csv,.txt"
_SEND = """async (event) => {
  const input = event.target, file = input.files[0];
  if (!file) return;
  emit({sending: true});
  const form = new FormData();
  form.append("file", file);
  const asked = new URLSearchParams({kind: input.dataset.kind});
  if (input.dataset.since) asked.set("since", input.dataset.since);
  try {
    const answer = await fetch(`/api/staff/imports?${asked}`, {method: "POST", body: form});
    const body = await answer.json();
    emit(answer.ok ? {id: body.id} : {error: body.detail});
  } catch { emit({error: ""}); }
  input.value = "";
}"""
"""The file goes by the route that limits its size, never through the socket."""


def say(key: str, **fields: Any) -> str:
    return text(f"imports.page.{key}", **fields)


async def build(visit: Visit) -> None:
    """The page. Raises SignedOutError; forbidden for who is no administrator."""

    def read(session: Session, speaker: Speaker) -> tuple[Any, ...]:
        found = usecases.listed(session, speaker, size=SIZE)
        who = importer.of_staff(session, speaker.staff_id)
        return colleague(session, speaker), found, [one for one in usecases.kinds()["items"] if who.may(one["kind"])]

    who, found, kinds = await visit.read(read)
    with frame(visit, who, "imports", say("title")):
        tag("p", say("explain"), "soft")
        with section(say("new")):
            _New(visit, {one["kind"]: one for one in kinds}).show()
        with section(say("history")):
            _history(visit, found)


class _New:
    """Which kind, its template and columns, the file."""

    def __init__(self, visit: Visit, kinds: dict[str, dict[str, Any]]) -> None:
        self._visit, self._kinds = visit, kinds

    def show(self) -> None:
        names = {kind: one["name"] for kind, one in self._kinds.items()}
        with tag("div", classes="form"):
            with tag("div", classes="pair"):
                self._kind = ui.select(names, label=say("kind"), value=next(iter(names))).props("outlined")
                self._since = ui.input(say("since")).props("outlined type=date stack-label clearable")
            self._about = tag("div", aria_live="polite")
            with tag("div", classes="buttons"):
                self._field = self._file_field()
            self._trouble = tag("div", classes="trouble", role="alert")
            self._sending = tag("p", "", "soft", role="status")
        self._kind.on_value_change(self._chosen)
        self._since.on_value_change(self._chosen)
        self._chosen()

    def _file_field(self) -> Element:
        with tag("label", classes="file button primary"):
            tag("span", say("choose"))
            field = tag("input", "", "sr", type="file", accept=ACCEPT)

        async def handled(event: Any) -> None:
            given = dict(event.args)
            await self._visit.on(lambda: self._sent(given))()

        field.on("change", handled, js_handler=_SEND)
        return field

    async def _sent(self, given: dict[str, Any]) -> None:
        self._trouble.clear()
        self._sending.clear()
        if "id" in given:
            self._visit.go(f"/imports/{int(given['id'])}")
        elif given.get("sending"):
            with self._sending:
                tag("span", say("sending"))
        else:
            with self._trouble:
                tag("p", str(given.get("error") or "") or text("console.files.failed"))

    def _chosen(self) -> None:
        kind = self._kinds[self._kind.value]
        self._field.props["data-kind"] = kind["kind"]
        self._field.props["data-since"] = self._since.value or ""
        self._about.clear()
        with self._about:
            tag("p", kind["explain"], "soft")
            with tag("p", classes="links"):
                for form in ("xlsx", "csv"):
                    href = f"/api/staff/imports/template?kind={kind['kind']}&form={form}"
                    tag("a", say(f"template_{form}"), href=href)
            with section(say("columns"), open_=False):
                heads = [text(f"imports.template.column.{one}") for one in ("title", "needed", "value", "example")]
                rows = [
                    [one["title"], text(f"imports.template.{'must' if one['needed'] else 'may'}"), one["says"],
                     one["example"]]
                    for one in kind["columns"]
                ]  # fmt: skip
                table(heads, rows, say("columns"))


def _history(visit: Visit, found: dict[str, Any]) -> None:
    shown = tag("div", aria_live="polite")

    async def again(page: int) -> None:
        one = await visit.read(lambda s, me: usecases.listed(s, me, page=page, size=SIZE))
        shown.clear()
        with shown:
            draw(one)

    def draw(one: dict[str, Any]) -> None:
        _rows(one["items"])
        pager(visit, one["page"], one["total"], SIZE, again)

    with shown:
        draw(found)


def _rows(rows: list[dict[str, Any]]) -> None:
    if not rows:
        tag("p", say("none"), "soft")
        return
    heads = {name: say(f"column.{name}") for name in ("id", "name", "file", "state", "counts", "who", "at")}
    with tag("table", classes="grid"):
        with tag("thead"), tag("tr"):
            for head in heads.values():
                tag("th", head, scope="col")
        with tag("tbody"):
            for row in rows:
                counts = row["counts"]
                with tag("tr"):
                    with tag("td", data_head=heads["id"]):
                        tag("a", str(row["id"]), href=f"/staff/imports/{row['id']}")
                    tag("td", row["name"], data_head=heads["name"])
                    tag("td", row["file_name"], data_head=heads["file"])
                    tag("td", text(f"imports.state.{row['state']}"), data_head=heads["state"])
                    tag("td", say("counts", **counts) if counts else "—", data_head=heads["counts"])
                    tag("td", row["who"], data_head=heads["who"])
                    tag("td", moment(row["created_at"]), data_head=heads["at"])
