"""Entitlement arithmetic, stages, and what the words of a booking mean."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anze.bookings import measures, wishes, words
from anze.bookings.entitlement import claim
from anze.bookings.kinds import USING, Audience, ServiceStatus, Step
from anze.bookings.rules import Use, both_confirmed, used
from anze.bookings.stages import Stage, Standing, Taken, stages
from anze.calendar.data import CalendarStore
from anze.calendar.rules import WorkCalendar
from anze.conversations.normalise import normalise
from anze.policies.rules import Contract, Slice, policy_years
from anze.settings import Settings
from anze.standard.editions import load
from tests.conftest import NOW

S = ServiceStatus
NAMES = {row.letter: row.everyday for row in load().service_items}


@pytest.fixture(scope="module")
def calendar() -> WorkCalendar:
    settings = Settings()
    return CalendarStore(settings.knowledge, settings.data).calendar()


def contract(id_: int = 1, start: date = date(2026, 5, 7), years: int = 1, **promised: int) -> Contract:
    end = date(start.year + years, start.month, start.day) - timedelta(days=1)
    return Contract(id_, f"AZ{id_}", 1, start, end, promised, tuple(policy_years(start, end)))


DAY = date(2026, 12, 8)


def test_what_is_left_in_the_policy_year() -> None:
    one = contract(d=2)
    assert claim([one], [], "d", DAY).left == 2
    assert claim([one], [Use(1, S.COMPLETED, date(2026, 6, 1))], "d", DAY).left == 1
    booked = [Use(1, S.REQUESTED, date(2027, 1, 4)), Use(1, S.CONFIRMED, date(2026, 12, 1))]
    assert claim([one], booked, "d", DAY).problem == "used_up"
    assert claim([one], [Use(1, S.REQUESTED, None)] * 3, "d", DAY).left == 2, "a wish without a time is not booked"
    lost = [Use(1, status, DAY) for status in (S.CANCELLED, S.NO_SHOW, S.REFUSED)]
    assert claim([one], lost, "d", DAY).left == 2
    assert claim([one], [Use(2, S.COMPLETED, DAY)] * 2, "d", DAY).left == 2, "of another policy"


def test_each_policy_year_has_its_own_and_a_renewal_too() -> None:
    two = contract(years=2, d=1)
    uses = [Use(1, S.COMPLETED, date(2026, 12, 1))]
    assert claim([two], uses, "d", date(2027, 5, 6)).problem == "used_up"
    assert claim([two], uses, "d", date(2027, 5, 7)).left == 1
    renewed = [contract(2, date(2027, 5, 7), d=1), contract(1, d=1)]
    found = claim(renewed, uses, "d", date(2027, 5, 7)).contract
    assert found is not None
    assert found.policy_id == 2


def test_why_there_is_none() -> None:
    assert claim([], [], "d", DAY).problem == "no_policy"
    assert claim([contract(d=1)], [], "d", date(2027, 5, 7)).problem == "no_policy"
    assert claim([contract(d=1)], [], "e", DAY).problem == "not_in_contract"
    assert claim([contract(d=0)], [], "d", DAY).problem == "not_in_contract"
    other = [contract(1, d=1), contract(2, d=1)]
    assert claim(other, [Use(1, S.COMPLETED, DAY)], "d", DAY).contract == other[1], "a second contract of that day"


uses_any = st.builds(
    Use,
    st.sampled_from([1, 2]),
    st.sampled_from(list(ServiceStatus)),
    st.one_of(st.none(), st.dates(date(2026, 1, 1), date(2027, 12, 31))),
)


@given(st.lists(uses_any, max_size=12), st.dates(date(2026, 1, 1), date(2027, 6, 1)), st.integers(1, 400))
def test_what_is_used_against_a_walk_over_the_days(uses: list[Use], first: date, days: int) -> None:
    last = first + timedelta(days=days)
    counted = 0
    for offset in range(days + 1):
        day = first + timedelta(days=offset)
        for use in uses:
            done_or_booked = use.status.value in {"requested", "confirmed", "dispatched", "ongoing", "completed"}
            counted += use.policy_id == 1 and use.day == day and done_or_booked
    assert used(uses, 1, first, last) == counted
    assert {status.value for status in USING} == {"requested", "confirmed", "dispatched", "ongoing", "completed"}


def test_a_promise_beside_years() -> None:
    years = (Slice(1, date(2026, 5, 7), date(2027, 5, 6)),)
    assert Contract(1, "x", 1, date(2026, 5, 7), date(2026, 8, 1), {"d": 1}, years).year(DAY) is None, "ended early"


T0 = datetime(2026, 11, 23, 2, tzinfo=UTC)


def hours(n: int) -> datetime:
    return T0 + timedelta(hours=n)


def shown(standing: Standing, *taken: tuple[Step, int, str]) -> list[tuple[str, str, str]]:
    found = stages(standing, [Taken(step, hours(n), who) for step, n, who in taken])
    return [(one.stage.value, one.state, one.who) for one in found]


def test_stages_of_a_service_under_way() -> None:
    asked = shown(Standing(S.REQUESTED, T0), (Step.REQUESTED, 0, "周岚"), (Step.INSURED_CONFIRMED, 0, "周岚"))
    assert asked[0] == ("requested", "now", "周岚")
    assert [state for _, state, _ in asked[1:]] == ["next"] * 6
    agreed = shown(
        Standing(S.CONFIRMED, T0, confirmed_at=hours(3)),
        (Step.REQUESTED, 0, "周岚"),
        (Step.INSURED_CONFIRMED, 0, "周岚"),
        (Step.PROVIDER_CONFIRMED, 3, "安衡 李工"),
    )
    assert agreed[:3] == [
        ("requested", "done", "周岚"),
        ("confirmed", "now", "周岚、安衡 李工"),
        ("dispatched", "next", ""),
    ]


def test_a_move_takes_back_what_was_confirmed_and_sent() -> None:
    moved = shown(
        Standing(S.REQUESTED, T0),
        (Step.REQUESTED, 0, "周岚"),
        (Step.PROVIDER_CONFIRMED, 1, "安衡"),
        (Step.DISPATCHED, 2, "安衡"),
        (Step.MOVED, 3, "周岚"),
    )
    assert [state for _, state, _ in moved] == ["now", *["next"] * 6]


def test_stages_of_old_rows_without_steps_and_of_ends() -> None:
    old = stages(Standing(S.COMPLETED, T0, hours(1), None, hours(9), hours(20), hours(30)), [])
    assert [one.state for one in old] == ["done"] * 6 + ["now"]
    ended = stages(Standing(S.NO_SHOW, T0, hours(1), ended_at=hours(5)), [Taken(Step.NO_SHOW, hours(5), "安衡")])
    assert [(one.stage, one.state) for one in ended] == [
        (Stage.REQUESTED, "done"), (Stage.CONFIRMED, "done"), (Stage.NO_SHOW, "now"),
    ]  # fmt: skip


@given(st.sampled_from(list(ServiceStatus)), st.lists(st.sampled_from(list(Step)), max_size=15))
def test_whatever_was_taken_there_is_one_newest_stage_and_nothing_done_after_an_end(
    status: ServiceStatus, taken: list[Step]
) -> None:
    found = stages(Standing(status, T0), [Taken(step, hours(n), "谁") for n, step in enumerate(taken)])
    assert [one.state for one in found].count("now") == 1
    if status in {S.CANCELLED, S.NO_SHOW, S.REFUSED}:
        assert found[-1].stage.value == status.value
        assert found[-1].state == "now"
    else:
        assert [one.stage for one in found] == list(Stage)[:7]


def test_both_sides() -> None:
    assert both_confirmed(None, T0) is None
    assert both_confirmed(T0, None) is None
    assert both_confirmed(hours(2), hours(1)) == hours(2)


@pytest.mark.parametrize(
    ("said", "item"),
    [
        ("来厂里看看有没有隐患", "d"), ("派人来查一下", None), ("帮我们查隐患", "d"), ("想做个安全检查", "d"),
        ("请专家来看看", "d"), ("来我们矿上转转", "d"), ("讲课", "a"), ("请个老师给工人讲讲安全", "a"),
        ("电工复训", "a"), ("安全员继续教育", "a"), ("新员工三级教育", "a"), ("安全培训", "a"),
        ("法定评价", "b"), ("做个现状评价", "b"), ("防雷检测", "b"), ("风险评估", "b"), ("搞双重预防", "b"),
        ("标准化自评", "c"), ("二级标准化", "c"), ("消防演练", "e"), ("编个应急预案", "e"), ("搞一次逃生演习", "e"),
        ("新设备推广", "f"), ("机械化换人", "f"), ("其他服务", "g"), ("d", "d"), ("D)", "d"),
        ("隐患排查培训", "a"), ("应急演练培训", "a"), ("不是排查是培训", "a"), ("不要培训，要演练", "e"),
        ("排查和培训都要", None), ("我想预约", None), ("下周三上午", None), ("老王13800000000", None),
        ("安全風險評估", "b"),
    ],
)  # fmt: skip
def test_items_in_everyday_words(said: str, item: str | None) -> None:
    assert words.item_of(normalise(said), NAMES) == item


@pytest.mark.parametrize(
    ("said", "audience"),
    [
        ("老板和安全员", Audience.PRINCIPAL), ("主要负责人", Audience.PRINCIPAL), ("安全员", Audience.MANAGERS),
        ("安全生产管理人员", Audience.MANAGERS), ("焊工", Audience.SPECIAL), ("特种作业人员", Audience.SPECIAL),
        ("车间工人", Audience.WORKERS), ("其他从业人员", Audience.WORKERS), ("班组长", Audience.WORKERS),
        ("电工和普通员工", Audience.SPECIAL), ("下周三", None),
    ],
)  # fmt: skip
def test_audiences_and_of_several_the_strictest(said: str, audience: Audience | None) -> None:
    assert words.audience_of(normalise(said)) == audience


@pytest.mark.parametrize(
    ("said", "count"),
    [
        ("30个人", 30),
        ("大概三十来号人", 30),
        ("二十多名员工", 20),
        ("一百二十人", 120),
        ("工人很多", None),
        ("30", None),
    ],
)
def test_attendees(said: str, count: int | None) -> None:
    assert words.attendees(normalise(said)) == count


SITES = ("江苏省南京市浦口区园区中路173号", "江苏省南京市六合区葛塘北路88号城北厂区")


@pytest.mark.parametrize(
    ("said", "site"),
    [
        ("城北厂区", 1),
        ("到葛塘北路那个", 1),
        ("园区中路173号", 0),
        ("南京市", None),
        ("江苏省南京市", None),
        ("厂区", 1),
        ("上海", None),
    ],
)
def test_known_sites_by_a_piece_of_their_name(said: str, site: int | None) -> None:
    found = words.known_site(said, SITES, ["江苏省", "南京市", "南京"], 2)
    assert found == (SITES[site] if site is not None else None)


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ("在江北新区化工大道9号吧", "江北新区化工大道9号"),
        ("地址是：浦六路3号", "浦六路3号"),
        ("啊", None),
        ("12345", None),
    ],
)
def test_a_place_in_free_words(said: str, place: str | None) -> None:
    assert words.place_in(normalise(said)) == place


@pytest.mark.parametrize(
    ("said", "before", "first"),
    [
        ("12月8号上午", None, "2026-12-08T08:00..2026-12-08T12:00"),
        ("不是3号是5号", None, "2026-12-05T00:00..2026-12-05T23:59"),
        ("改到下午", date(2026, 12, 8), "2026-12-08T12:00..2026-12-08T18:00"),
        ("5号吧", date(2027, 1, 8), "2027-01-05T00:00..2027-01-05T23:59"),
        ("明天", date(2026, 12, 8), "2026-11-24T00:00..2026-11-24T23:59"),
        ("今天下午", date(2026, 12, 8), "2026-11-23T12:00..2026-11-23T18:00"),
        ("下周", None, "2026-11-30T00:00..2026-12-06T23:59"),
    ],
)
def test_wished_times(calendar: WorkCalendar, said: str, before: date | None, first: str) -> None:
    wish = wishes.read(said, NOW, calendar, before)
    assert not wish.unclear
    (window,) = wish.windows
    assert window.start
    assert window.end
    shanghai = timedelta(hours=8)
    ends = [(moment.astimezone(UTC) + shanghai).strftime("%Y-%m-%dT%H:%M") for moment in (window.start, window.end)]
    assert "..".join(ends) == first


@pytest.mark.parametrize("said", ["周一", "周三或周四都行", "这两天"])
def test_a_time_with_two_readings_is_not_guessed(calendar: WorkCalendar, said: str) -> None:
    wish = wishes.read(said, NOW, calendar)
    assert wish.unclear
    assert wish.windows


@pytest.mark.parametrize(
    ("said", "fault"), [("昨天上午", "past"), ("30个人", "none"), ("老王13800000000", "none"), ("2029年3月5号", "far")]
)
def test_no_wish(calendar: WorkCalendar, said: str, fault: str) -> None:
    wish = wishes.read(said, NOW, calendar)
    assert (wish.fault, wish.windows) == (fault, ())


def test_measures_of_every_item_and_faults_are_named(tmp_path: Path) -> None:
    for item in "abcdefg":
        assert measures.measures_for(item).item == item
    assert measures.measures_for("b", statutory=True) != measures.measures_for("b")
    assert measures.measures_for("d", statutory=True) == measures.measures_for("d")
    good = measures.FILE.read_text(encoding="utf-8")
    for bad in (good + "- {item: a, measures: 现场讲授, prepare: 场地和投影}\n", good.replace("item: g", "item: h"),
                good.replace("prepare: 把", "prepares: 把")):  # fmt: skip
        file = tmp_path / "bad.yml"
        file.write_text(bad, encoding="utf-8")
        with pytest.raises(ValueError, match=r"item|prepare"):
            measures.read(file)
