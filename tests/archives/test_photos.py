"""Photos that a person should look at: re-used, alike, of another day, of another place; people judge."""

import io
import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from sqlalchemy import select

from anze.archives import watching
from anze.archives.models import PhotoFact
from anze.archives.photos import Seen, seen
from anze.archives.rules import ALIKE_BITS, differing_bits, distance_km, middle
from anze.bookings.models import Service
from anze.identity.models import Branch, Staff
from anze.policies.models import Policy
from anze.reports.models import Candidate
from tests.helpers.gateway import Caller, Gateway

ROOT = "/api/staff"
NANJING, SUZHOU = (32.06, 118.79), (31.30, 120.58)


def picture(seed: int = 1, *, taken: str | None = None, place: tuple[float, float] | None = None, quality: int = 90,
            size: int = 480) -> bytes:  # fmt: skip
    """A JPEG of coarse random blocks."""
    dice = random.Random(seed)
    small = Image.new("RGB", (16, 12))
    small.putdata([tuple(dice.randrange(256) for _ in "rgb") for _ in range(16 * 12)])
    whole = small.resize((size, size * 3 // 4), Image.Resampling.BICUBIC)
    exif = Image.Exif()
    if taken:
        exif.get_ifd(0x8769)[0x9003] = taken
    if place:
        gps = exif.get_ifd(0x8825)
        for key, value, sides in ((1, place[0], "NS"), (3, place[1], "EW")):
            gps[key] = sides[value < 0]
            degrees, rest = divmod(abs(value), 1)
            minutes, rest = divmod(rest * 60, 1)
            gps[key + 1] = (float(degrees), float(minutes), rest * 60)
    out = io.BytesIO()
    whole.save(out, "JPEG", quality=quality, exif=exif)
    return out.getvalue()


def test_what_a_photo_says_is_read() -> None:
    one = seen(picture(taken="2026:11:20 09:30:00", place=NANJING))
    assert one.taken_on == date(2026, 11, 20)
    assert one.place is not None
    assert distance_km(one.place, NANJING) < 0.01
    assert one.look is not None
    assert len(one.look) == 16


@pytest.mark.parametrize("content", [
    b"", b"x", b"\xff\xd8\xff\xe0", picture()[:2000], b"GIF89a" + b"\x00" * 50, picture()[:-1] + b"\x00" * 9000,
])  # fmt: skip
def test_what_is_no_whole_picture_breaks_nothing(content: bytes) -> None:
    assert isinstance(seen(content), Seen)


@pytest.mark.parametrize("taken", ["", "0000:00:00 00:00:00", "2026:13:40", "gestern", "2026-11-20"])
def test_a_day_that_is_none_is_none(taken: str) -> None:
    assert seen(picture(taken=taken)).taken_on in {None, date(2026, 11, 20)}


def test_a_flat_picture_looks_like_nothing() -> None:
    out = io.BytesIO()
    Image.new("RGB", (400, 300), (120, 120, 122)).save(out, "PNG")
    assert seen(out.getvalue()).look is None


def test_saved_again_and_smaller_it_looks_alike_and_others_do_not() -> None:
    looks = [seen(picture(seed)).look or "" for seed in range(60)]
    for seed in range(60):
        again = seen(picture(seed, quality=40, size=240)).look or ""
        assert differing_bits(looks[seed], again) <= ALIKE_BITS, seed
    pairs = [differing_bits(a, b) for place, a in enumerate(looks) for b in looks[:place]]
    assert min(pairs) > ALIKE_BITS


@given(st.floats(-89, 89), st.floats(-179, 179), st.floats(-89, 89), st.floats(-179, 179))
def test_distances_are_those_of_a_sphere(lat1: float, lon1: float, lat2: float, lon2: float) -> None:
    one, other = (lat1, lon1), (lat2, lon2)
    assert distance_km(one, one) == 0
    assert distance_km(one, other) == pytest.approx(distance_km(other, one))
    assert distance_km(one, other) <= 20_016


def test_the_middle_is_not_moved_by_one_that_lies_far_off() -> None:
    assert middle([NANJING, NANJING, SUZHOU]) == NANJING


class Desk:
    """Services of the demo's branch, and photos that come to them."""

    def __init__(self, gateway: Gateway, caller: Caller) -> None:
        self.gateway, self.caller, self._no = gateway, caller, 0

    def service(self, *, joint: str | None = None, insured: int = 0, done: date = date(2026, 11, 20)) -> str:
        self._no += 1
        number = f"FW202611207{self._no:02d}"
        with self.gateway.db.write() as session:
            branch = session.scalars(select(Branch).join(Staff).where(Staff.username == "service")).one()
            policies = session.scalars(select(Policy).where(Policy.branch_id == branch.id).order_by(Policy.id)).all()
            with_ = session.scalars(select(Service.id).where(Service.number == joint)).one() if joint else None
            session.add(Service(
                number=number, policy_id=policies[insured].id, insured_id=policies[insured].insureds[0].id,
                provider_id=1, item="d", status="completed", requested_at=datetime(2026, 11, 1, tzinfo=UTC),
                completed_on=done, place="厂区", people=["王五"], report_no=None, joint_with_id=with_,
                starts_at=datetime(done.year, done.month, done.day, 1, tzinfo=UTC),
            ))  # fmt: skip
        return number

    async def photo(self, number: str, content: bytes) -> None:
        file = await self.caller.file("现场.jpg", content)
        answer = await self.caller.post(f"{ROOT}/records/{number}/items", {"kind": "photo", "file_id": file})
        assert answer.status_code == 201, answer.text

    async def doubts(self) -> list[tuple[str, str]]:
        """What the sweep finds, after a minute."""
        clock = self.gateway.services.clock
        clock.move_to(clock.now() + timedelta(minutes=1))
        await watching.watch(self.gateway.services)
        items = (await self.caller.get(f"{ROOT}/photo-doubts", size=200)).json()["items"]
        return sorted((row["service"], row["doubt"]) for row in items)


@pytest.fixture
async def desk(demo_gateway: Gateway) -> Desk:
    found = Desk(demo_gateway, await demo_gateway.staff("service"))
    before = await found.doubts()
    assert before == [], "the demo's three sample files are no news"
    return found


async def test_a_photo_used_again_and_one_saved_anew(desk: Desk) -> None:
    first, second, third = desk.service(), desk.service(), desk.service(insured=1)
    await desk.photo(first, picture(5))
    assert await desk.doubts() == []
    await desk.photo(second, picture(5))
    await desk.photo(third, picture(5, quality=35, size=300))
    await desk.photo(third, picture(6))
    assert await desk.doubts() == [(second, "same"), (third, "alike")]
    assert await desk.doubts() == [(second, "same"), (third, "alike")], "each is found once"


async def test_a_joint_session_may_show_the_same_photo(desk: Desk) -> None:
    first = desk.service()
    second = desk.service(joint=first, insured=1)
    await desk.photo(first, picture(7))
    await desk.photo(second, picture(7))
    assert await desk.doubts() == []


async def test_a_photo_of_another_day(desk: Desk) -> None:
    number = desk.service()
    await desk.photo(number, picture(8, taken="2026:11:19 18:00:00"))
    assert await desk.doubts() == [], "the evening before is near enough"
    await desk.photo(number, picture(9, taken="2025:06:01 09:00:00"))
    assert await desk.doubts() == [(number, "other_day")]


async def test_a_photo_of_another_place(desk: Desk) -> None:
    number = desk.service()
    await desk.photo(number, picture(10, place=SUZHOU))
    assert await desk.doubts() == [], "nobody has said where it should be"
    other = desk.service()
    await desk.photo(other, picture(11, place=NANJING))
    await desk.photo(other, picture(12, place=NANJING))
    assert await desk.doubts() == []
    last = desk.service()
    await desk.photo(last, picture(13, place=(22.54, 114.06)))
    assert await desk.doubts() == [(last, "other_place")]


async def test_a_person_judges_once_and_a_made_up_service_is_a_candidate(desk: Desk) -> None:
    first, second = desk.service(), desk.service()
    for number in (first, second):
        await desk.photo(number, picture(14))
    assert len(await desk.doubts()) == 1
    row = (await desk.caller.get(f"{ROOT}/photo-doubts")).json()["items"][0]
    assert first in row["words"]
    one = (await desk.caller.get(f"{ROOT}/records/{second}")).json()
    assert [doubt["id"] for doubt in one["doubts"]] == [row["id"]]
    path = f"{ROOT}/photo-doubts/{row['id']}"
    auditor = await desk.gateway.staff("auditor")
    assert (await auditor.post(path, {"verdict": "fine", "words": "x"})).status_code == 403
    body: dict[str, Any] = {"verdict": "fake", "words": "两家的照片是同一张"}
    assert (await desk.caller.post(path, body)).json()["verdict"] == "fake"
    assert (await desk.caller.post(path, body)).json()["code"] == "photo_looked"
    with desk.gateway.db.read() as session:
        found = session.scalars(select(Candidate).where(Candidate.subject == f"photo:{row['id']}")).one()
        assert (found.kind, found.words, found.state) == ("d", "两家的照片是同一张", "open")
    assert await desk.doubts() == []


async def test_lost_bytes_and_many_photos_stop_nothing(desk: Desk) -> None:
    number = desk.service()
    for seed in range(20, 26):
        await desk.photo(number, picture(seed))
    services = desk.gateway.services
    with desk.gateway.db.read() as session:
        known = set(session.scalars(select(PhotoFact.sha256)))
    lost = next(path for path in services.files._folder.rglob("*") if path.is_file() and path.name not in known)
    lost.unlink()
    assert await desk.doubts() == []
    with desk.gateway.db.read() as session:
        assert len(set(session.scalars(select(PhotoFact.sha256))) - known) == 6
