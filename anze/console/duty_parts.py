"""The parts of a duty's page: the answer in words, sums, bars of groups, subjects, what stands apart, the clause."""

from collections.abc import Sequence
from typing import Any

from nicegui import ui

from anze.console.html import section, table, tag
from anze.console.words import day, say
from anze.obligations import wording
from anze.obligations.trend import Point
from anze.standard.load import Knowledge
from anze.standard.models import Check
from anze.standard.usecases import cite

_PLACES = {"TS": "complaints", "FW": "bookings", "YH": "hazards"}
"""Where a matter is worked on, by how its number begins"""
_FOUND, _REST, _ROW_REM, _FRAME_REM, _MOST_BARS = "#b3261e", "#c6d1d6", 2, 5, 20


def not_connected(check: Check, clause: str) -> str:
    return wording.say("not_connected", name=check.name, clause=clause)


def answer(found: dict[str, Any]) -> None:
    """How the question was understood, and the answer in sentences."""
    tag("p", found["understood"], "understood")
    with tag("ul", classes="plain-list lines"):
        for line in found["lines"]:
            tag("li", line)


def sums(found: dict[str, Any]) -> None:
    """How many subjects each part has, and all of them; the parts add up to the last."""
    with tag("dl", classes="totals sums", aria_label=say("duties.sums")):
        for one in found["parts"]:
            with tag("div", classes="asked" if one["asked"] else "", data_part=one["part"]):
                tag("dt", one["name"])
                tag("dd", str(one["count"]))
                if one["reference"] and one["part"] != "reference":
                    tag("dd", say("duties.of_reference", count=one["reference"]), "soft")
                if one["asked"]:
                    tag("dd", say("duties.asked"), "soft")
        with tag("div", data_part="of"):
            tag("dt", say("duties.of"))
            tag("dd", str(found["of"]))
            if found["rate"]:
                tag("dd", say("duties.rate", rate=found["rate"], done=found["done"], all=found["obliged"]), "soft")


def groups(found: dict[str, Any]) -> None:
    """Bars of what was asked for, of all; the same numbers as a table for who cannot see them."""
    rows = found["groups"]
    bars = rows[:_MOST_BARS]
    with section(say("duties.groups")):
        ui.echart(_bars(bars)).classes("chart").style(f"height: {_FRAME_REM + _ROW_REM * len(bars)}rem").props[
            "aria-hidden"
        ] = "true"
        heads = [wording.say(f"column.{name}") for name in ("group", "found", "total", "rate")]
        heads[1] = say("duties.found")
        lines = [(one["name"], str(one["found"]), str(one["total"]), one["rate"] or "") for one in rows]
        table(heads, lines, say("duties.groups"))


def _bars(rows: list[dict[str, Any]]) -> dict[str, Any]:
    series = [
        (say("duties.found"), [one["found"] for one in rows], _FOUND),
        (say("duties.rest"), [one["total"] - one["found"] for one in rows], _REST),
    ]
    return {
        "animation": False,
        "aria": {"enabled": False},
        "grid": {"left": 8, "right": 16, "top": 32, "bottom": 8, "containLabel": True},
        "legend": {"show": True, "top": 0},
        "tooltip": {"trigger": "axis"},
        "xAxis": {"type": "value", "minInterval": 1},
        "yAxis": {"type": "category", "data": [one["name"] for one in rows], "axisTick": {"show": False},
                  "inverse": True},
        "series": [
            {"name": name, "type": "bar", "stack": "all", "data": data, "itemStyle": {"color": colour},
             "barMaxWidth": 28}
            for name, data, colour in series
        ],
    }  # fmt: skip


def trend(points: Sequence[Point]) -> None:
    """A line of what was asked for, and the same as a table."""
    with section(say("duties.trend")):
        tag("p", say("duties.trend_explain"), "soft")
        ui.echart(_line(points)).classes("chart").props["aria-hidden"] = "true"
        heads = [say("duties.trend_day"), say("duties.found"), wording.say("column.total"), wording.say("column.rate")]
        lines = [(one.day.isoformat(), str(one.found), str(one.total), one.rate or "") for one in points]
        table(heads, lines, say("duties.trend"))


def _line(points: Sequence[Point]) -> dict[str, Any]:
    return {
        "animation": False,
        "aria": {"enabled": False},
        "grid": {"left": 8, "right": 16, "top": 16, "bottom": 8, "containLabel": True},
        "tooltip": {"trigger": "axis"},
        "xAxis": {"type": "category", "data": [f"{one.day:%Y-%m-%d}" for one in points]},
        "yAxis": {"type": "value", "minInterval": 1},
        "series": [{"name": say("duties.found"), "type": "line", "data": [one.found for one in points],
                    "itemStyle": {"color": _FOUND}}],
    }  # fmt: skip


def rows(found: dict[str, Any]) -> None:
    """One page of the subjects asked for; each leads to its own page where there is one."""
    with section(say("duties.rows", total=found["total"])):
        if not found["rows"]:
            tag("p", wording.say("nothing"), "soft")
            return
        caption, columns = say("duties.rows", total=found["total"]), found["columns"]
        with tag("div", classes="wide", tabindex="0", role="region", aria_label=caption):  # noqa: SIM117
            with tag("table", classes="grid subjects"):
                tag("caption", caption, "sr")
                with tag("thead"), tag("tr"):
                    for head in columns:
                        tag("th", head, scope="col")
                with tag("tbody"):
                    for cells, item in zip(found["rows"], found["items"], strict=True):
                        _row(columns, cells, place(item))


def place(item: dict[str, Any]) -> str | None:
    """The page of a subject; None where the console has none (a policy year, a provider)."""
    if "candidate_state" in item:
        return f"/staff/reports/{item['id']}"
    number = str(item["number"])
    folder = _PLACES.get(number[:2])
    return f"/staff/{folder}/{number}" if folder else None


def _row(columns: list[str], cells: list[str], where: str | None) -> None:
    with tag("tr"):
        for at, (head, cell) in enumerate(zip(columns, cells, strict=True)):
            with tag("td", data_head=head):
                if at == 0 and where:
                    tag("a", cell or say("duties.open"), href=where)
                else:
                    tag("span", cell or "—")


def apart(found: dict[str, Any]) -> None:
    """What is named beside the sums and not counted in them."""
    for name, one in found["apart"].items():
        if not one["count"]:
            continue
        with section(say(f"duties.apart.{name}", count=one["count"]), open_=False):
            heads = [wording.say(f"column.{column}") for column in ("insured", "policy", "branch", "from_on", "to_on")]
            lines = [
                (str(item["insured"]), str(item["policy"]), str(item["branch"]), day(item["from_on"]),
                 day(item["to_on"]))
                for item in one["items"]
            ]  # fmt: skip
            table(heads, lines, say(f"duties.apart.{name}", count=one["count"]))
            if one["count"] > len(lines):
                tag("p", say("duties.apart_more", shown=len(lines)), "soft")


def clause(standard: Knowledge, rule: str) -> None:
    """The sentence of the duty and its whole clause, verbatim."""
    duty = standard.checked[rule]
    with section(say("duties.clause_text", clause=duty.clause), open_=False):
        tag("p", duty.verbatim, "said")
        for one in cite([duty.clause], standard.edition.key):
            tag("h3", one["clause"])
            tag("p", one["text"], "said")
            tag("p", one["version"], "soft")
