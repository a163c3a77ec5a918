"""The worked world of 「今年哪些保单还没做隐患排查」: every number of it, on both databases."""

from collections.abc import Iterator
from datetime import date

import pytest

from anze.calendar.data import CalendarStore
from anze.db import Database
from anze.identity.speaker import Speaker
from anze.obligations.query import Query, When, Window
from anze.obligations.store import Answer, Run
from anze.settings import Settings
from anze.standard.editions import load
from tests.obligations.world import TODAY, World


def _told(world: World) -> None:
    """W01–W16 as the world names them."""
    size = {"大": "large", "中": "medium", "小": "small", "微": "micro", "规模不明": "unknown"}
    sector = {
        "矿": "mine",
        "危化": "hazardous_chemicals",
        "烟花": "fireworks",
        "冶炼": "metal_smelting",
        "其他": "other",
    }

    def firm(name: str, kind: str) -> object:
        how, what = kind.split("/")
        return world.insured(name, size[how], sector[what])

    year = (date(2026, 1, 1), date(2026, 12, 31))
    w01 = firm("W01", "大/矿")
    world.service(world.policy([w01], *year), w01, "d", date(2026, 3, 10))
    w02 = firm("W02", "中/危化")
    world.service(world.policy([w02], date(2026, 3, 1), date(2027, 2, 28)), w02, "b", date(2026, 6, 1))
    w03 = firm("W03", "大/烟花")
    policy = world.policy([w03], date(2025, 12, 1), date(2026, 11, 30), branch="南京")
    world.service(policy, w03, "d", date(2026, 11, 27), status="confirmed", asked=date(2026, 11, 1))
    w04 = firm("W04", "中/冶炼")
    policy = world.policy([w04], date(2026, 6, 1), date(2027, 5, 31))
    world.service(policy, w04, "d", date(2026, 8, 3), status="cancelled")
    world.policy([firm("W05", "小/矿")], *year)
    world.policy([firm("W06", "微/危化")], *year)
    world.policy([firm("W07", "规模不明/危化")], *year)
    world.policy([firm("W08", "中/其他")], date(2026, 2, 1), date(2027, 1, 31))
    world.policy([firm("W09", "大/危化")], date(2025, 7, 1), date(2026, 6, 30), branch="南京")
    w10 = firm("W10", "大/危化")
    old = world.policy([w10], date(2025, 9, 1), date(2026, 8, 31))
    new = world.policy([w10], date(2026, 9, 1), date(2027, 8, 31), renews=old)
    world.service(new, w10, "d", date(2026, 9, 10))
    x, y = firm("W11-X", "大/矿"), firm("W11-Y", "中/矿")
    world.service(world.policy([x, y], *year, branch="南京"), x, "d", date(2026, 5, 1))
    world.policy([firm("W12", "中/矿")], *year, ended_early=date(2026, 4, 30))
    w13 = firm("W13", "大/冶炼")
    world.service(world.policy([w13], date(2025, 3, 1), date(2027, 2, 28)), w13, "d", date(2025, 5, 10))
    w14 = firm("W14", "中/矿")
    world.service(world.policy([w14], *year, branch="南京"), w14, "d", None, report=False, asked=date(2026, 6, 1))
    world.policy([firm("W15", "大/矿")], date(2026, 12, 1), date(2027, 11, 30))
    w16 = firm("W16", "大/危化")
    old = world.policy([w16], date(2025, 11, 1), date(2026, 10, 31))
    world.service(old, w16, "d", date(2025, 11, 20))
    world.policy([w16], date(2026, 11, 1), date(2027, 10, 31), renews=old)


@pytest.fixture
def world(database: Database) -> Iterator[World]:
    with database.write() as session:
        made = World(session)
        _told(made)
        yield made


def ask(world: World, speaker: Speaker, query: Query) -> Answer:
    calendar = CalendarStore(Settings().knowledge, Settings().data).calendar()
    return Run(world.session, speaker, query, load(), TODAY, calendar).answer()


def names(rows: tuple[dict[str, object], ...]) -> list[object]:
    return sorted(str(row["insured"]) for row in rows)


def test_the_years_in_force_fall_into_parts_that_add_up(world: World) -> None:
    answer = ask(world, world.staff(), Query("yearly_check"))
    assert answer.total == 14
    assert answer.counts == {
        "done_d": 3, "done_b": 1, "nothing": 5, "unproven": 1, "small": 2, "size_unknown": 1, "reference": 1,
    }  # fmt: skip
    assert answer.found == 6
    assert names(tuple(row for row in answer.rows if row["part"] == "nothing")) == ["W03", "W04", "W11-Y", "W13", "W16"]
    assert names(tuple(row for row in answer.rows if row["part"] == "unproven")) == ["W14"]


def test_what_ended_in_breach_and_what_does_not_count_stands_apart(world: World) -> None:
    answer = ask(world, world.staff(), Query("yearly_check"))
    assert answer.apart_counts == {"ended": 2, "ended_early": 1, "coming": 1}
    assert names(answer.apart["ended"]) == ["W09", "W10"]
    assert names(answer.apart["ended_early"]) == ["W12"]
    assert names(answer.apart["coming"]) == ["W15"]


@pytest.mark.parametrize("how", ["filter", "scope"])
def test_nanjing(world: World, how: str) -> None:
    """Whoever may see Nanjing only gets by the plain question what others get by the filter."""
    query = Query("yearly_check")
    if how == "filter":
        answer = ask(world, world.staff(), query.narrowed(branch_ids=(world.branches["南京"].id,)))
    else:
        answer = ask(world, world.staff("南京", "service"), query)
    assert {part: count for part, count in answer.counts.items() if count} == {
        "nothing": 2, "unproven": 1, "done_d": 1,
    }  # fmt: skip
    assert names(answer.rows) == ["W03", "W11-Y", "W14"]
    assert answer.apart_counts["ended"] == 1


def test_by_calendar_year(world: World) -> None:
    """W13 and W16 have nothing in 2026; what W10 was given on 10 September counts for it."""
    window = Window(When.CALENDAR_YEAR, date(2026, 1, 1), date(2026, 12, 31))
    answer = ask(world, world.staff(), Query("yearly_check", window=window))
    undone = names(tuple(row for row in answer.rows if row["part"] == "nothing"))
    assert undone == ["W03", "W04", "W09", "W11-Y", "W13", "W16"]
    assert "W10" not in names(answer.rows)
    assert answer.counts["done_d"] == 3


def test_a_provider_sees_nothing(world: World) -> None:
    assert ask(world, world.staff("南京", "provider"), Query("yearly_check")).total == 0
