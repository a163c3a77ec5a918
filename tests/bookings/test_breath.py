"""Booking wishes in one breath (tests/nlu/bookings.yml): every answer in them is found, and none is made up."""

import sys
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from anze.bookings import usecases as bookings
from anze.bookings.models import BookingDraft
from anze.clock import SHANGHAI
from tests.bookings.conftest import Talk

ROWS: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parents[1] / "nlu" / "bookings.yml").read_text(encoding="utf-8")
)
FIELDS = ("item", "day", "part", "place", "attendees", "phone", "name")
RIGHT_AT_LEAST = 0.9
MADE_UP_AT_MOST = 0.05


def when(draft: BookingDraft) -> tuple[date | None, str | None]:
    """The one day that is wished, and the half of it when the wish does not go beyond that."""
    if draft.wish_from is None or draft.wish_to is None:
        return None, None
    begins, ends = draft.wish_from.astimezone(SHANGHAI), draft.wish_to.astimezone(SHANGHAI)
    if begins.date() != ends.date():
        return None, None
    noon = begins.replace(hour=12, minute=0, second=0, microsecond=0)
    return begins.date(), "pm" if begins >= noon else "am" if ends <= noon else None


def read(draft: BookingDraft) -> dict[str, Any]:
    """What the draft holds, named as in the rows."""
    day, part = when(draft)
    return {
        "item": draft.item,
        "day": day,
        "part": part,
        "place": draft.place,
        "attendees": draft.attendees,
        "phone": draft.contact_phone,
        "name": draft.contact_name,
    }


def same(field: str, meant: Any, found: Any) -> bool:
    if field == "place" and meant is not None:
        return found is not None and meant in found
    return bool(meant == found)


def test_the_rows_are_well_formed() -> None:
    assert len(ROWS) == 40
    assert len({row["text"] for row in ROWS}) == 40
    for row in ROWS:
        assert row.keys() == {"text", *FIELDS}, row
        assert row["item"] in set("abcdefg"), row
        assert row["part"] in {"am", "pm", None}, row
        assert row["day"] is None or isinstance(row["day"], date), row


async def test_what_is_said_in_one_breath_is_found(talk: Talk) -> None:
    named = silent = 0
    missed: list[str] = []
    made_up: list[str] = []
    for row in ROWS:
        await talk.open(row["text"])
        found = read(talk.draft())
        await talk.do(bookings.drop)
        named += sum(row[field] is not None for field in FIELDS)
        silent += sum(row[field] is None for field in FIELDS)
        wrong = [field for field in FIELDS if not same(field, row[field], found[field])]
        for field in wrong:
            miss = f"{field}: {found[field]} for {row[field]} in {row['text']}"
            (made_up if row[field] is None else missed).append(miss)
    sys.stdout.write("\n".join([f"{named} named, {silent} not said", *missed, *made_up, ""]))
    assert len(missed) <= named * (1 - RIGHT_AT_LEAST), f"{len(missed)} of {named}: {missed}"
    assert len(made_up) <= silent * MADE_UP_AT_MOST, f"{len(made_up)} of {silent}: {made_up}"
