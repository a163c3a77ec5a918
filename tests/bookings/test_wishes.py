"""The wished time in a sentence that corrects itself."""

from datetime import datetime

import pytest

from anze.bookings import wishes
from anze.calendar.data import CalendarStore
from anze.clock import SHANGHAI
from anze.settings import Settings

NOW = datetime(2026, 11, 23, 10, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("想约12月8号上午给城北厂区做隐患排查，不是8号是10号", "2026-12-10T08:00", "2026-12-10T12:00"),
        ("下周三上午来做培训，哦不对下周四", "2026-12-03T08:00", "2026-12-03T12:00"),
        ("12月8号上午排查不是8号是10号下午", "2026-12-10T12:00", "2026-12-10T18:00"),
        ("周五下午不行，下周一上午吧", "2026-11-30T08:00", "2026-11-30T12:00"),
        ("下周二来查，说错了，是下周五", "2026-12-04T00:00", "2026-12-04T23:59"),
        ("下周三下午两点培训，来的是王工不是李工", "2026-12-02T14:00", "2026-12-02T14:00"),
    ],
)
def test_what_was_said_last_is_meant(text: str, start: str, end: str) -> None:
    settings = Settings()
    found = wishes.read(text, NOW, CalendarStore(settings.knowledge, settings.data).calendar())
    assert len(found.windows) == 1, found
    window = found.windows[0]
    assert window.start is not None
    assert window.end is not None
    assert (f"{window.start:%Y-%m-%dT%H:%M}", f"{window.end:%Y-%m-%dT%H:%M}") == (start, end)
