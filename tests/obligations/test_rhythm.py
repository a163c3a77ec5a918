"""Every Monday at eight: what is said, and when it comes next."""

from datetime import datetime, time

import pytest

from anze.clock import SHANGHAI
from anze.obligations.rhythm import Rhythm, rhythm

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=SHANGHAI)
"""A Monday"""


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("每周一早上发给我", Rhythm(time(8), weekday=1)),
        ("以后每个星期五下午5点半给我发这个", Rhythm(time(17, 30), weekday=5)),
        ("send me this every Monday at 8", Rhythm(time(8), weekday=1)),
        ("每天上午九点发一份", Rhythm(time(9))),
        ("每月1号发我", Rhythm(time(8), monthday=1)),
        ("每月十五号", Rhythm(time(8), monthday=15)),
        ("每个月月底给我", Rhythm(time(8), monthday=31)),
        ("订阅这个", None),
        ("每月40号", None),
    ],
)
def test_what_is_said(text: str, wanted: Rhythm | None) -> None:
    assert rhythm(text, NOW) == wanted


@pytest.mark.parametrize(
    ("one", "now", "after"),
    [
        (Rhythm(time(8), weekday=1), "2026-11-23T07:59", "2026-11-23T08:00"),
        (Rhythm(time(8), weekday=1), "2026-11-23T08:00", "2026-11-30T08:00"),
        (Rhythm(time(9)), "2026-12-31T09:30", "2027-01-01T09:00"),
        (Rhythm(time(8), monthday=31), "2027-02-01T00:00", "2027-02-28T08:00"),
        (Rhythm(time(8), monthday=30), "2028-02-01T00:00", "2028-02-29T08:00"),
    ],
)
def test_when_it_comes_next(one: Rhythm, now: str, after: str) -> None:
    at = datetime.fromisoformat(now).replace(tzinfo=SHANGHAI)
    assert one.after(at) == datetime.fromisoformat(after).replace(tzinfo=SHANGHAI)
