"""What a provider may be entrusted with on a day, against an oracle that walks the qualifications by hand."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anze.bookings.rules import needs_aq8011
from anze.providers.rules import Held, qualified

DAY = date(2026, 12, 8)
YEAR = timedelta(days=365)


def held(kind: str, items: str, begins: int = -100, ends: int | None = 100) -> Held:
    return Held(kind, items, DAY + timedelta(days=begins), None if ends is None else DAY + timedelta(days=ends))


@pytest.mark.parametrize(
    ("audience", "kinds", "may"),
    [
        ("principal", ["general"], False),
        ("managers", ["general", "evaluation"], False),
        ("special", ["general"], False),
        ("special", ["AQ8011"], True),
        ("principal", ["general", "AQ8011"], True),
        ("workers", ["general"], True),
        ("workers", ["AQ8011"], True),
        (None, ["general"], True),
        ("workers", [], False),
    ],
)
def test_training_by_audience(audience: str | None, kinds: list[str], may: bool) -> None:
    all_ = [held(kind, "a") for kind in kinds]
    assert qualified(all_, "a", DAY, aq8011=needs_aq8011("a", audience)) is may


@pytest.mark.parametrize(
    ("statutory", "kinds", "may"),
    [
        (True, ["general"], False),
        (True, ["evaluation"], True),
        (True, ["testing"], True),
        (True, ["AQ8011"], False),
        (False, ["general"], True),
        (False, ["testing"], True),
        (False, [], False),
    ],
)
def test_statutory_assessments_and_tests_need_a_licence(statutory: bool, kinds: list[str], may: bool) -> None:
    assert qualified([held(kind, "b") for kind in kinds], "b", DAY, statutory=statutory) is may


@pytest.mark.parametrize(
    ("begins", "ends", "may"), [(0, 0, True), (1, 9, False), (-9, -1, False), (-9, 0, True), (0, None, True)]
)
def test_the_first_and_the_last_day_count(begins: int, ends: int | None, may: bool) -> None:
    assert qualified([held("general", "d", begins, ends)], "d", DAY) is may


def test_an_expired_aq8011_is_not_saved_by_another_qualification_of_that_day() -> None:
    assert not qualified([held("AQ8011", "a", -900, -40), held("general", "a")], "a", DAY, aq8011=True)


def test_the_item_must_be_listed_in_the_very_qualification_that_counts() -> None:
    assert not qualified([held("AQ8011", "c"), held("general", "a")], "a", DAY, aq8011=True)
    assert not qualified([held("testing", "d"), held("general", "b")], "b", DAY, statutory=True)
    assert not qualified([held("general", "abc")], "d", DAY)


KINDS = ["AQ8011", "evaluation", "testing", "general"]
held_any = st.builds(
    Held,
    st.sampled_from(KINDS),
    st.sets(st.sampled_from("abcdefg"), min_size=1).map(lambda letters: "".join(sorted(letters))),
    st.integers(-400, 50).map(lambda n: DAY + timedelta(days=n)),
    st.one_of(st.none(), st.integers(-60, 400).map(lambda n: DAY + timedelta(days=n))),
)


@given(
    st.lists(held_any, max_size=6),
    st.sampled_from("abcdefg"),
    st.sampled_from(["principal", "managers", "special", "workers", None]),
    st.booleans(),
)
def test_the_rule_against_a_walk_by_hand(all_: list[Held], item: str, audience: str | None, statutory: bool) -> None:
    licensed: set[str] = set()
    for one in all_:
        day = one.valid_from
        last = one.valid_to or DAY
        while day <= last:
            if day == DAY:
                licensed |= {f"{one.kind}:{letter}" for letter in one.items}
            day += timedelta(days=1)
    if item == "a" and audience in ("principal", "managers", "special"):
        expected = "AQ8011:a" in licensed
    elif item == "b" and statutory:
        expected = bool({"evaluation:b", "testing:b"} & licensed)
    else:
        expected = any(entry.endswith(f":{item}") for entry in licensed)
    assert qualified(all_, item, DAY, aq8011=needs_aq8011(item, audience), statutory=statutory) is expected
