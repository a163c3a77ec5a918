"""Numbers of the branches: what is due this week, how old cases are, per branch, answered in time, causes."""

from collections.abc import Sequence
from typing import Any

from nicegui import ui

from anze.clock import legal_date
from anze.complaints import figures
from anze.console.frame import colleague, frame
from anze.console.html import section, table, tag
from anze.console.visit import Visit
from anze.console.words import say

_CALM, _WARN, _LATE = "#0b6468", "#b06a00", "#b3261e"


async def build(visit: Visit) -> None:
    """The page. Raises SignedOutError."""
    now = visit.now()
    who, shown = await visit.read(lambda s, me: (colleague(s, me), figures.figures(s, me, now)))
    with frame(visit, who, "figures", say("figures.title")):
        tag("p", say("figures.scope", day=legal_date(now)), "soft")
        _totals(shown)
        with tag("div", classes="charts"):
            due = [(f"{int(one['day'][5:7])}/{int(one['day'][8:])}", one["count"]) for one in shown["due"]]
            _bars("due", due, _WARN)
            _bars("ages", _ages(shown["ages"]), _CALM)
            _branches(shown["branches"])
            _months(shown["timely"]["months"])
            if shown["causes"]:
                _bars("causes", [(one["name"], one["count"]) for one in shown["causes"]], _CALM, lying=True)
            else:
                with section(say("figures.causes")):
                    tag("p", say("figures.no_causes"), "soft")
        tag("p", say("figures.rule"), "soft")


def _totals(shown: dict[str, Any]) -> None:
    closed, timely = shown["timely"]["closed"], shown["timely"]["timely"]
    rate = f"{timely / closed:.0%}" if closed else "—"
    with tag("dl", classes="totals"):
        for name, value, more in (
            ("open", str(shown["open"]), ""),
            ("overdue", str(shown["overdue"]), ""),
            ("paused", str(shown["paused"]), ""),
            ("rate", rate, say("figures.rate_of", timely=timely, closed=closed) if closed else ""),
        ):
            with tag("div"):
                tag("dt", say(f"figures.{name}"))
                tag("dd", value)
                if more:
                    tag("dd", more, "soft")


def _ages(ages: list[dict[str, Any]]) -> list[tuple[str, int]]:
    low, shown = 0, []
    for one in ages:
        if one["up_to"] is None:
            shown.append((say("figures.age_over", low=low - 1), one["count"]))
        else:
            shown.append((say("figures.age", low=low, high=one["up_to"]), one["count"]))
            low = one["up_to"] + 1
    return shown


def _bars(name: str, pairs: Sequence[tuple[str, int]], colour: str, *, lying: bool = False) -> None:
    series = [_series(say("figures.count"), [count for _, count in pairs], colour, stacked=False)]
    _chart(name, [label for label, _ in pairs], series, lying=lying)


def _branches(rows: list[dict[str, Any]]) -> None:
    _chart("branches", [row["branch"] for row in rows], [
        _series(say("figures.overdue"), [row["overdue"] for row in rows], _LATE),
        _series(say("figures.not_late"), [row["open"] - row["overdue"] for row in rows], _CALM),
    ], lying=True)  # fmt: skip


def _months(rows: list[dict[str, Any]]) -> None:
    _chart("months", [row["month"] for row in rows], [
        _series(say("figures.timely"), [row["timely"] for row in rows], _CALM),
        _series(say("figures.late"), [row["closed"] - row["timely"] for row in rows], _LATE),
    ])  # fmt: skip


def _series(name: str, data: list[int], colour: str, *, stacked: bool = True) -> dict[str, Any]:
    stack = {"stack": "all"} if stacked else {}
    return {"name": name, "type": "bar", "data": data, "itemStyle": {"color": colour}, "barMaxWidth": 28} | stack


def _chart(name: str, labels: list[str], series: list[dict[str, Any]], *, lying: bool = False) -> None:
    """A chart, and the same numbers as a table for who cannot see it."""
    names = {"type": "category", "data": labels, "axisTick": {"show": False}}
    numbers = {"type": "value", "minInterval": 1}
    with section(say(f"figures.{name}")):
        options: dict[str, Any] = {
            "animation": False,
            "aria": {"enabled": False},
            "grid": {"left": 8, "right": 16, "top": 32 if len(series) > 1 else 12, "bottom": 8, "containLabel": True},
            "legend": {"show": len(series) > 1, "top": 0},
            "tooltip": {"trigger": "axis"},
            "xAxis": numbers if lying else names,
            "yAxis": names | {"inverse": True} if lying else numbers,
            "series": series,
        }
        ui.echart(options).classes("chart").props["aria-hidden"] = "true"
        with section(say("figures.as_table"), open_=False):
            heads = [say("figures.name"), *(str(one["name"]) for one in series)]
            rows = [(label, *(str(one["data"][i]) for one in series)) for i, label in enumerate(labels)]
            table(heads, rows, say(f"figures.{name}"))
