"""One duty: how the question was understood, its sums, what stands apart, its subjects, the clause, a file of it."""

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from nicegui import background_tasks, ui
from sqlalchemy.orm import Session

from anze.clock import legal_date
from anze.console import duty_asked, duty_parts
from anze.console.duty_asked import MANY, STRETCHES, Asked
from anze.console.found import Found
from anze.console.frame import button, colleague, frame
from anze.console.html import tag
from anze.console.pager import pager, pages
from anze.console.visit import Visit
from anze.console.words import say
from anze.conversations import exchange
from anze.errors import DomainError
from anze.identity import browser
from anze.identity.speaker import Speaker
from anze.obligations import usecases, wording
from anze.obligations.query import Query, When
from anze.obligations.relations import RELATIONS
from anze.obligations.trend import Point, trend
from anze.standard.load import Knowledge
from anze.standard.models import Check

SIZE = 50
_DAYS = ("first", "last", "as_of")


async def build(visit: Visit, rule: str) -> None:
    """The page; its address has the parameters of the HTTP call.

    Raises SignedOutError; obligation_rule and obligation_edition, 404.
    """
    params = visit.request.query_params
    today, given = legal_date(visit.now()), params.multi_items()
    standard = usecases.known(duty_asked.day_of(params.get("as_of")) or today, params.get("edition"))
    check = standard.check.get(rule)
    if check is None:
        raise DomainError("obligation_rule", 404)
    if check.subject not in RELATIONS:
        await _unconnected(visit, standard, check)
        return

    def first(session: Session, speaker: Speaker) -> tuple[Any, ...]:
        options = duty_asked.choices(check, duty_asked.within(session, speaker), today)
        asked = Asked.of(rule, options, today, given)
        return colleague(session, speaker), asked, read(visit, asked, session, speaker)

    who, asked, found = await visit.read(first)
    with frame(visit, who, "duties", check.name):
        _head(visit, standard, rule, lambda: asked.wanted.question(rule))
        _Page(visit, asked).show(found)
        duty_parts.clause(standard, rule)


def read(visit: Visit, asked: Asked, session: Session, speaker: Speaker) -> dict[str, Any]:
    """The answer as the HTTP call has it; a page behind the last is the last."""
    now, calendar, query = visit.now(), visit.services.calendar.calendar(), asked.wanted.question(asked.rule)

    def page() -> dict[str, Any]:
        answer = usecases.run(session, speaker, query, now, calendar, as_of=asked.as_of,
                              edition=asked.wanted.edition, page=asked.page, size=SIZE)  # fmt: skip
        return usecases.view(session, speaker, answer, now, asked.page)

    found = page()
    last = pages(found["total"], SIZE)
    if asked.page > last:
        asked.page = last
        found = page()
    return found


async def _unconnected(visit: Visit, standard: Knowledge, check: Check) -> None:
    who = await visit.read(colleague)
    with frame(visit, who, "duties", check.name):
        _head(visit, standard, check.key, lambda: Query(check.key))
        tag("p", duty_parts.not_connected(check, standard.checked[check.key].clause), "soft unconnected")
        duty_parts.clause(standard, check.key)


def _head(visit: Visit, standard: Knowledge, rule: str, question: Callable[[], Query]) -> None:
    duty = standard.checked[rule]
    with tag("p", classes="chips"):
        tag("a", say("duties.back"), href="/staff/duties")
        tag("span", say("duties.clause", clause=duty.clause), "chip")
        tag("span", duty.modality, "chip")
        # The assistant goes by the edition in force; what only another one asks for is no question to it.
        if rule in usecases.known(legal_date(visit.now())).check:
            button(say("duties.ask_on"), visit, lambda: _ask_on(visit, question()))


async def _ask_on(visit: Visit, query: Query) -> None:
    """Say the page's question in the colleague's own talk, where the next words can change it."""
    names = await visit.read(usecases.named)
    words = wording.short(query, usecases.known(legal_date(visit.now())).check, names)
    meant = {"intent": "obligation_ask", "entities": {"obligation_question": json.dumps(query.to_json())}}
    talk = (await browser.whose(visit.request)).conversation_id
    message_id = await exchange.receive(visit.services, talk, words, uuid4().hex, [], meant)
    background_tasks.create(exchange.answer(visit.services, talk, message_id), name="question")
    visit.go("/chat")


class _Page:
    """The controls, and beneath them what they ask for."""

    def __init__(self, visit: Visit, asked: Asked) -> None:
        self._visit, self._asked = visit, asked
        self._inputs: dict[str, Any] = {}

    def show(self, found: dict[str, Any]) -> None:
        with tag("div", classes="filters", role="search"):
            for name in ("window", "year", "first", "last", *self._asked.choices, "as_of"):
                if name not in self._inputs:
                    self._inputs[name] = self._control(name)
        self._bind()
        self._shown = Found(
            self._visit, lambda s, me: read(self._visit, self._asked, s, me), self._fill, lambda: self._asked.address
        )
        for one in self._inputs.values():
            one.on_value_change(self._visit.on(self._again))
        self._shown.show(found)

    def _control(self, name: str) -> Any:
        words, value = say(f"duties.{name}"), self._asked.chosen[name]
        if name in _DAYS:
            return ui.input(words, value=value).props("outlined dense type=date stack-label")
        options = self._asked.choices[name]
        if name not in MANY:
            return ui.select(options, label=words, value=value).props("outlined dense")
        several = ui.select(options, label=words, value=value, multiple=True, clearable=True)
        several.props("outlined dense options-dense stack-label")
        none = say("duties.any_part" if name == "part" else "duties.any")

        def none_said() -> None:
            if several.value:
                several.props.pop("display-value", None)
            else:
                several.props["display-value"] = none

        several.on_value_change(none_said)
        none_said()
        return several

    def _bind(self) -> None:
        window = self._inputs["window"]
        self._inputs["year"].bind_visibility_from(window, "value", value=When.CALENDAR_YEAR)
        for name in ("first", "last"):
            self._inputs[name].bind_visibility_from(window, "value", backward=lambda kind: kind in STRETCHES)

    async def _again(self, page: int = 1) -> None:
        self._asked.take({name: one.value for name, one in self._inputs.items()}, page)
        await self._shown.again()

    def _trend(self) -> None:
        """Shown when it is wanted: it asks the same question twelve times."""
        place = tag("div")

        def read_months(session: Session, speaker: Speaker) -> list[Point]:
            calendar = self._visit.services.calendar.calendar()
            query = self._asked.wanted.question(self._asked.rule)
            return trend(session, speaker, query, self._visit.now(), calendar, as_of=self._asked.as_of,
                         edition=self._asked.wanted.edition)  # fmt: skip

        async def show() -> None:
            points = await self._visit.read(read_months)
            place.clear()
            with place:
                duty_parts.trend(points)

        with place:
            button(say("duties.trend_show"), self._visit, show)

    def _fill(self, found: dict[str, Any]) -> None:
        duty_parts.answer(found)
        duty_parts.sums(found)
        if found["groups"]:
            duty_parts.groups(found)
        self._trend()
        with tag("p", classes="chips"):
            tag("span", say("duties.load"))
            for form, name in (("xlsx", "Excel"), ("csv", "CSV")):
                tag("a", name, href=self._asked.file(form), download="")
        duty_parts.rows(found)
        pager(self._visit, self._asked.page, found["total"], SIZE, self._again)
        duty_parts.apart(found)
