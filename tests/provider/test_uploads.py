"""Files in pieces: gone on with after any break, taken once, checked like any other file, one's own only."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from hashlib import sha256
from typing import Any

import httpx
from sqlalchemy import select

from anze.conversations import resumable
from anze.conversations.models import File, Upload
from anze.conversations.uploads_api import pieces_of
from anze.identity.models import DeniedRead
from tests.helpers.gateway import PNG, UPLOAD_LIMIT, Caller, Gateway

PICTURE = PNG + bytes(range(256)) * 100
PIECE = 10_000


async def start(caller: Caller, client_id: str = "u1", size: int = len(PICTURE), name: str = "现场.png") -> Any:
    answer = await caller.post("/api/uploads", {"client_id": client_id, "name": name, "size": size})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def piece(caller: Caller, upload_id: str, offset: int, content: bytes) -> httpx.Response:
    headers = caller.headers | {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
    return await caller.gateway.client.patch(f"/api/uploads/{upload_id}", content=content, headers=headers)


async def send_rest(caller: Caller, upload_id: str, received: int, content: bytes = PICTURE) -> Any:
    for offset in range(received, len(content), PIECE):
        answer = await piece(caller, upload_id, offset, content[offset : offset + PIECE])
        assert answer.status_code == 200, answer.text
    return answer.json()


def left(gateway: Gateway) -> set[str]:
    return pieces_of(gateway.services).names()


async def test_a_file_in_pieces_is_the_file(gateway: Gateway) -> None:
    caller = await gateway.visitor()
    begun = await start(caller)
    assert begun == {"upload_id": begun["upload_id"], "received": 0, "size": len(PICTURE), "file_id": None}
    assert (await piece(caller, begun["upload_id"], 0, PICTURE[:PIECE])).json() == {"received": PIECE, "file_id": None}
    again = await start(caller)
    assert again == begun | {"received": PIECE}
    done = await send_rest(caller, begun["upload_id"], PIECE)
    assert done["received"] == len(PICTURE)
    assert left(gateway) == set()

    given = await caller.get(f"/api/files/{done['file_id']}")
    assert (given.content, given.headers["content-type"]) == (PICTURE, "image/png")
    state = (await caller.get(f"/api/uploads/{begun['upload_id']}")).json()
    assert state == begun | {"received": len(PICTURE), "file_id": done["file_id"]}
    assert (await start(caller))["file_id"] == done["file_id"]
    repeated = await piece(caller, begun["upload_id"], len(PICTURE), b"")
    assert repeated.json() == {"received": len(PICTURE), "file_id": done["file_id"]}
    with gateway.db.read() as session:
        (file,) = session.scalars(select(File))
    assert (file.sha256, file.name, file.size) == (sha256(PICTURE).hexdigest(), "现场.png", len(PICTURE))


async def test_a_piece_for_another_place_is_told_the_true_one(gateway: Gateway) -> None:
    caller = await gateway.visitor()
    upload_id = (await start(caller))["upload_id"]
    assert (await piece(caller, upload_id, 0, PICTURE[:PIECE])).status_code == 200
    for offset in (0, PIECE - 1, PIECE + 1, len(PICTURE)):
        answer = await piece(caller, upload_id, offset, PICTURE[offset : offset + PIECE])
        assert (answer.status_code, answer.json()["code"]) == (409, "upload_offset")
        assert answer.json()["received"] == PIECE
        assert answer.headers["content-type"] == "application/problem+json"
    assert (await send_rest(caller, upload_id, PIECE))["file_id"]


async def test_the_same_piece_many_times_at_once_is_taken_once(gateway: Gateway) -> None:
    caller = await gateway.visitor()
    begun = await asyncio.gather(*(start(caller) for _ in range(8)))
    (upload_id,) = {one["upload_id"] for one in begun}
    for offset in range(0, len(PICTURE), PIECE):
        answers = await asyncio.gather(
            *(piece(caller, upload_id, offset, PICTURE[offset : offset + PIECE]) for _ in range(6))
        )
        assert sorted(answer.status_code for answer in answers) == [200] + [409] * 5
    with gateway.db.read() as session:
        (file,) = session.scalars(select(File))
    assert file.sha256 == sha256(PICTURE).hexdigest()


async def test_bytes_that_no_row_counted_are_written_over(gateway: Gateway) -> None:
    caller = await gateway.visitor()
    upload_id = (await start(caller))["upload_id"]
    await piece(caller, upload_id, 0, PICTURE[:PIECE])
    pieces_of(gateway.services).write(upload_id, PIECE, b"from a process that died before its commit" * 900)
    assert (await start(caller))["received"] == PIECE
    done = await send_rest(caller, upload_id, PIECE)
    assert (await caller.get(f"/api/files/{done['file_id']}")).content == PICTURE


async def test_bytes_that_were_lost_are_asked_for_again(gateway: Gateway) -> None:
    caller = await gateway.visitor()
    upload_id = (await start(caller))["upload_id"]
    await piece(caller, upload_id, 0, PICTURE[:PIECE])
    pieces_of(gateway.services).remove(upload_id)
    answer = await piece(caller, upload_id, PIECE, PICTURE[PIECE : 2 * PIECE])
    assert (answer.status_code, answer.json()["received"]) == (409, 0)
    assert (await send_rest(caller, upload_id, 0))["file_id"]


async def test_a_whole_upload_whose_check_was_cut_off_is_checked_at_the_next_call(gateway: Gateway) -> None:
    caller = await gateway.visitor()
    upload_id = (await start(caller))["upload_id"]
    with gateway.db.write() as session:
        pieces_of(gateway.services).write(upload_id, 0, PICTURE)
        session.get_one(Upload, upload_id).received = len(PICTURE)
    assert (await start(caller))["file_id"]


async def test_what_it_is_is_told_by_its_content(gateway: Gateway) -> None:
    caller = await gateway.visitor()
    page = b"<!doctype html><html><script>alert(1)</script></html>"
    upload_id = (await start(caller, size=len(page)))["upload_id"]
    answer = await piece(caller, upload_id, 0, page)
    assert (answer.status_code, answer.json()["code"]) == (415, "file_kind")
    assert (await caller.get(f"/api/uploads/{upload_id}")).status_code == 404
    assert left(gateway) == set()
    with gateway.db.read() as session:
        assert session.scalars(select(File)).all() == []


async def test_sizes(gateway: Gateway) -> None:
    caller = await gateway.visitor()
    for size, status, code in (
        (0, 422, "file_missing"),
        (-1, 422, "bad_request"),
        (UPLOAD_LIMIT + 1, 413, "file_too_large"),
        (2**70, 422, "bad_request"),
    ):
        answer = await caller.post("/api/uploads", {"client_id": "u", "name": "a.png", "size": size})
        assert (answer.status_code, answer.json()["code"]) == (status, code), size
    upload_id = (await start(caller, size=100))["upload_id"]
    answer = await piece(caller, upload_id, 0, PICTURE[:101])
    assert (answer.status_code, answer.json()["code"]) == (413, "upload_too_long")
    assert (await start(caller, size=100))["received"] == 0
    other = await caller.post("/api/uploads", {"client_id": "u1", "name": "a.png", "size": 101})
    assert (other.status_code, other.json()["code"]) == (409, "upload_client_id")
    for offset in ("-1", "x", "9" * 40):
        headers = caller.headers | {"Upload-Offset": offset}
        refused = await gateway.client.patch(f"/api/uploads/{upload_id}", content=b"x", headers=headers)
        assert refused.status_code == 422


async def test_a_piece_that_is_too_large_is_refused_before_it_is_read(gateway: Gateway) -> None:
    caller = await gateway.visitor()
    upload_id = (await start(caller))["upload_id"]
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        while True:
            taken += 1
            assert taken < 100, "nobody stops reading"
            yield b"\x00" * 16_384

    headers = caller.headers | {"Upload-Offset": "0"}
    answer = await gateway.client.patch(f"/api/uploads/{upload_id}", content=endless(), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert (await start(caller))["received"] == 0


async def test_so_many_at_once_and_no_more(gateway: Gateway) -> None:
    caller = await gateway.visitor()
    for number in range(resumable.OPEN_AT_ONCE):
        await start(caller, f"u{number}")
    answer = await caller.post("/api/uploads", {"client_id": "more", "name": "a.png", "size": 5})
    assert (answer.status_code, answer.json()["code"]) == (429, "upload_too_many")
    assert (await start(caller, "u3"))["received"] == 0
    await send_rest(caller, (await start(caller, "u3"))["upload_id"], 0)
    await start(caller, "more")


async def test_an_upload_is_its_conversations_own(gateway: Gateway) -> None:
    caller, other = await gateway.visitor(), await gateway.visitor()
    upload_id = (await start(caller))["upload_id"]
    stolen = await other.get(f"/api/uploads/{upload_id}")
    missing = await other.get(f"/api/uploads/{'0' * 32}")
    assert stolen.status_code == missing.status_code == 404
    assert stolen.json() == missing.json()
    assert (await piece(other, upload_id, 0, PICTURE[:PIECE])).status_code == 404
    assert (await start(other))["upload_id"] != upload_id, "the same client_id of somebody else is another upload"
    assert (await start(caller))["received"] == 0
    with gateway.db.read() as session:
        denied = session.scalars(select(DeniedRead)).all()
    assert {row.subject for row in denied} == {f"upload:{upload_id}"}
    assert len(denied) == 2
    for call in (gateway.client.get, gateway.client.patch):
        assert (await call(f"/api/uploads/{upload_id}", headers={"Upload-Offset": "0"})).status_code == 401


async def test_what_nobody_goes_on_with_is_removed(gateway: Gateway) -> None:
    caller = await gateway.visitor()
    old = (await start(caller, "old"))["upload_id"]
    await piece(caller, old, 0, PICTURE[:PIECE])
    done = (await send_rest(caller, (await start(caller, "done"))["upload_id"], 0))["file_id"]
    now = gateway.services.clock.now()
    pieces = pieces_of(gateway.services)
    pieces.write("f" * 32, 0, b"no row knows these")
    with gateway.db.write() as session:
        assert resumable.remove_stale(session, pieces, now + resumable.KEPT_FOR) == 0
    assert left(gateway) == {old}
    with gateway.db.write() as session:
        assert resumable.remove_stale(session, pieces, now + resumable.KEPT_FOR + timedelta(seconds=1)) == 1
    assert left(gateway) == set()
    assert (await caller.get(f"/api/uploads/{old}")).status_code == 404
    assert (await start(caller, "done"))["file_id"] == done
    assert (await start(caller, "old"))["received"] == 0
