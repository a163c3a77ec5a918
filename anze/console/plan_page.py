"""One service plan: what is missing, what it says item by item, what is known of the insureds, offering, answers."""

from collections.abc import Callable
from typing import Any

from nicegui import ui
from sqlalchemy.orm import Session

from anze.bookings.lines import item_name
from anze.console.action import Action, arrived, day, kept
from anze.console.frame import button, colleague, frame
from anze.console.html import facts, section, tag
from anze.console.visit import Visit
from anze.errors import DomainError
from anze.identity.speaker import Speaker
from anze.plans import drafting, issuing, offering, views
from anze.plans.drafting import say
from anze.plans.fields import plan_fields
from anze.plans.kinds import State

_LETTERS = "abcdefg"


async def build(visit: Visit, id_: int) -> None:
    """The page. Raises SignedOutError, not_found; a denied read is kept."""
    who, one = await visit.read(lambda s, me: (colleague(s, me), views.one(s, me, id_)))
    writes = who.role in drafting.WRITES
    with frame(visit, who, "plans", f"{one['number']} · {one['state_text']}"):
        facts([
            (say("column.firms"), "、".join(one["firms"])), (say("column.policies"), "、".join(one["policies"])),
            (say("column.branch"), one["branch"]), (say("column.version"), str(one["version"])),
        ])  # fmt: skip
        with tag("div", classes="links"):
            for form in ("pdf", "docx"):
                href = f"/api/staff/plans/{id_}/file?version={one['version']}&form={form}"
                tag("a", say("preview", form=form.upper()), href=href)
        _missing(one)
        if writes and one["state"] == State.DRAFT:
            _Draft(visit, one).show()
            for insured in one["insureds"]:
                _profile(visit, insured)
        elif writes:
            button(say("open_again"), visit, _again(visit, id_))
            _paper(visit, one)
        _versions(one)
        tag("a", say("back"), href="/staff/plans")


def _missing(one: dict[str, Any]) -> None:
    with section(say("missing"), open_=bool(one["missing"])):
        if not one["missing"]:
            tag("p", say("nothing_missing"))
        titles: dict[str, list[str]] = {}
        for gap in one["missing"]:
            titles.setdefault(gap["of"], []).append(gap["title"])
        with tag("ul", classes="plain-list"):
            for of, names in titles.items():
                with tag("li"):
                    words = "、".join(names)
                    tag("span", say("gap", of=of, title=words) if of else words, "error")


class _Draft:
    """The items with their fields, goals and safeguards; saved as a whole, by the edition that was shown."""

    def __init__(self, visit: Visit, one: dict[str, Any]) -> None:
        self._visit, self._one = visit, one
        self._items: list[dict[str, Callable[[], str]]] = []
        self._kept = list(one["body"]["items"])

    def show(self) -> None:
        self._shown = tag("div")
        self._draw()

    def _draw(self) -> None:
        self._shown.clear()
        self._items = []
        body = self._one["body"]
        with self._shown:
            for place, item in enumerate(self._kept):
                self._item(place, item)
            with section(say("add_item")), tag("div", classes="buttons"):
                for letter in _LETTERS:
                    button(item_name(letter), self._visit, self._added(letter))
            with section(f"{say('element.goals')}、{say('element.safeguards')}"), tag("div", classes="form"):
                self._goals = _area(say("element.goals"), body["goals"])
                self._safeguards = _area(say("element.safeguards"), body["safeguards"])
            with tag("div", classes="buttons"):
                button(say("save"), self._visit, self._save, "primary", self._refused)
                button(say("offer"), self._visit, self._offer, "", self._refused)
            self._trouble = tag("div", classes="trouble", role="alert")

    def _item(self, place: int, item: dict[str, Any]) -> None:
        forms = plan_fields().forms
        fitting = {key: form.name for key, form in forms.items() if item["item"] in form.items}
        inputs: dict[str, Callable[[], str]] = {}
        with section(item_name(item["item"])), tag("div", classes="form"):
            if len(fitting) > 1:
                chosen = ui.select(fitting, label=say("item"), value=item["form"]).props("outlined")
                chosen.on_value_change(self._visit.on(self._formed(place, chosen)))
            for key in ("times", "provider"):
                inputs[key] = _line(say(f"element.{key}"), item[key])
            for field in forms[item["form"]].fields:
                inputs[f"fields.{field.key}"] = _line(field.title, item["fields"].get(field.key, ""))
            for key in ("flow", "schedule"):
                inputs[key] = _area(say(f"element.{key}"), item[key])
            button(say("remove"), self._visit, self._removed(place), "quiet")
        self._items.append(inputs)

    def _typed(self) -> list[dict[str, Any]]:
        """The items as they stand on the page."""
        found = []
        for item, inputs in zip(self._kept, self._items, strict=True):
            fields = {key.removeprefix("fields."): read() for key, read in inputs.items() if key.startswith("fields.")}
            found.append(item | {k: read() for k, read in inputs.items() if "." not in k} | {"fields": fields})
        return found

    def _changed(self, items: list[dict[str, Any]]) -> None:
        self._one["body"] = self._one["body"] | {"goals": self._goals(), "safeguards": self._safeguards()}
        self._kept = items
        self._draw()

    def _added(self, letter: str) -> Any:
        async def add() -> None:
            new = {"item": letter, "form": plan_fields().form_of(letter), "fields": {}}
            self._changed([*self._typed(), new | dict.fromkeys(("times", "provider", "flow", "schedule"), "")])

        return add

    def _removed(self, place: int) -> Any:
        async def remove() -> None:
            items = self._typed()
            self._changed(items[:place] + items[place + 1 :])

        return remove

    def _formed(self, place: int, chosen: Any) -> Any:
        async def formed() -> None:
            items = self._typed()
            items[place] = items[place] | {"form": chosen.value}
            self._changed(items)

        return formed

    async def _saved(self) -> int:
        body = {"items": self._typed(), "goals": self._goals(), "safeguards": self._safeguards()}
        now, id_, edition = self._visit.now(), self._one["id"], self._one["edition"]
        return await self._visit.write(lambda s, me: drafting.edit(s, me, id_, edition, body, now).edition)

    async def _save(self) -> None:
        await self._saved()
        arrived(self._visit)

    async def _offer(self) -> None:
        """What is typed is saved first; what is missing is said, and nothing typed is lost."""
        self._one["edition"] = await self._saved()
        speaker, now = await self._visit.speaker(), self._visit.now()
        work = issuing.offer(self._visit.services, speaker, self._one["id"], self._one["edition"], now)
        self._visit.wake(await self._visit.kept(work))
        arrived(self._visit)

    def _refused(self, error: DomainError) -> None:
        self._trouble.clear()
        with self._trouble:
            tag("p", error.detail)


def _line(label: str, value: str) -> Callable[[], str]:
    made = ui.input(label, value=value).props("outlined maxlength=400")
    return lambda: _clean(made.value)


def _area(label: str, value: str) -> Callable[[], str]:
    made = ui.textarea(label, value=value).props("outlined autogrow maxlength=4000")
    return lambda: _clean(made.value)


def _clean(value: Any) -> str:
    return str(value or "").replace("\x00", "").strip()


def _profile(visit: Visit, insured: dict[str, Any]) -> None:
    with section(f"{say('profile')} · {insured['name']}", open_=False), tag("div", classes="form"):
        inputs = {
            field.key: _area(field.title, insured["profile"].get(field.key, "")) for field in plan_fields().profile
        }

        async def save() -> None:
            said = {key: read() for key, read in inputs.items()}
            await visit.write(lambda s, me: drafting.describe(s, me, insured["id"], said, visit.now()))
            arrived(visit)

        button(say("save"), visit, save)


def _again(visit: Visit, id_: int) -> Any:
    async def work() -> None:
        await visit.write(lambda s, me: drafting.again(s, me, id_, visit.now()) and None)
        arrived(visit)

    return work


def _paper(visit: Visit, one: dict[str, Any]) -> None:
    """An insured that has not agreed yet may have signed."""
    last = {answer["insured_id"]: answer["answer"] for answer in one["versions"][0]["answers"]}
    open_ = {firm["id"]: firm["name"] for firm in one["insureds"] if last.get(firm["id"]) != "agreed"}
    if not open_ or one["state"] not in {State.OFFERED, State.WANTED}:
        return

    def do(session: Session, me: Speaker, given: dict[str, Any]) -> None:
        offering.on_paper(session, me, one["id"], given["plan_firm"], day(given["on"]), given["file"], visit.now())

    action = Action(visit, "plan_paper", kept(visit, do), primary=False)
    action.field("plan_firm", "choice", open_, next(iter(open_))).field("on", "day").field("file", "file").show()


def _versions(one: dict[str, Any]) -> None:
    with section(say("versions")), tag("ul", classes="plain-list"):
        for row in one["versions"]:
            with tag("li"):
                tag("span", f"{say('column.version')} {row['version']} · {row['state_text']} · {row['drafted_by']}")
                if row["sha256"]:
                    href = f"/api/staff/plans/{one['id']}/file?version={row['version']}&form="
                    tag("a", "PDF", href=f"{href}pdf")
                    tag("a", "Word", href=f"{href}docx")
                for answer in row["answers"]:
                    how = f"{say('how.' + answer['how'])}，{answer['on']}"
                    words = f"{answer['insured']}：{say('answer.' + answer['answer'])}（{how}）"
                    tag("span", words + (f"“{answer['words']}”" if answer["words"] else ""), "soft")
