"""Uploaded files: told by their content, kept by their digest, given back only to whom they belong."""

import io
import zipfile
from collections.abc import AsyncIterator
from hashlib import sha256

from sqlalchemy import select

from anze.conversations.models import File
from anze.conversations.uploads import storable_name
from anze.conversations.usecases import hand_off
from anze.identity.models import Branch, DeniedRead, Role
from tests.helpers.complainant import Talk
from tests.helpers.gateway import PNG, UPLOAD_LIMIT, Gateway
from tests.helpers.staffing import PASSWORD, hire

PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000") + b"\x00" * 64 + b"\xff\xd9"
WEBP = b"RIFF" + (100).to_bytes(4, "little") + b"WEBPVP8 " + b"\x00" * 92
MP4 = bytes.fromhex("00000018667479706d703432000000006d70343269736f6d") + b"\x00" * 64
EXE = b"MZ\x90\x00\x03\x00\x00\x00" + b"\x00" * 200
SVG = b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
HTML = b"<!doctype html><html><script>alert(1)</script></html>"


def _zip(*names: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in names:
            archive.writestr(name, "<x/>")
    return packed.getvalue()


DOCX = _zip("[Content_Types].xml", "_rels/.rels", "word/document.xml")
XLSX = _zip("[Content_Types].xml", "_rels/.rels", "xl/workbook.xml")


ACCEPTED = [
    ("现场 照片.PNG", PNG, "image/png"),
    ("a.jpg", JPEG, "image/jpeg"),
    ("a.jpeg", JPEG, "image/jpeg"),
    ("a.webp", WEBP, "image/webp"),
    ("a.mp4", MP4, "video/mp4"),
    ("报告.pdf", PDF, "application/pdf"),
    ("noending", PNG, "image/png"),
    ("really-a-png.jpg", PNG, "image/png"),
    ("a.docx", DOCX, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("a.xlsx", XLSX, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
]


async def test_the_type_is_told_by_the_content(gateway: Gateway) -> None:
    for name, content, mime in ACCEPTED:
        await _comes_back(gateway, name, content, mime)


async def _comes_back(gateway: Gateway, name: str, content: bytes, mime: str) -> None:
    caller = await gateway.visitor()
    answer = await caller.upload(name, content, "text/html")
    assert answer.status_code == 201, answer.text
    assert answer.json()["sha256"] == sha256(content).hexdigest()
    await caller.say("", files=[answer.json()["file_id"]])
    (shown,) = (await caller.history())[1]["files"]
    assert shown == {"file_id": answer.json()["file_id"], "name": name, "mime": mime, "size": len(content)}

    given = await caller.get(f"/api/files/{shown['file_id']}")
    assert (given.status_code, given.content) == (200, content)
    assert given.headers["content-type"] == mime
    assert given.headers["content-disposition"].startswith("attachment; filename*=UTF-8''")
    assert given.headers["x-content-type-options"] == "nosniff"
    assert given.headers["cache-control"] == "no-store"


REFUSED = [
    ("photo.png", b"this is not a picture at all"),
    ("photo.jpg", EXE),
    ("photo.png", SVG),
    ("photo.svg", SVG),
    ("page.html", HTML),
    ("page.pdf", HTML),
    ("page.jpg", HTML),
    ("a.docx", _zip("evil.exe")),
    ("a.xlsx", DOCX),
    ("a.docx", _zip("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin")),
    ("a.zip", _zip("a.txt")),
    ("a.docx", b"PK\x03\x04 broken"),
    ("a.png", b"\x89PN"),
    ("a.gif", b"GIF89a" + b"\x00" * 50),
    ("a.txt", "文字".encode()),
]


async def test_anything_else_is_refused_whatever_it_is_called(gateway: Gateway) -> None:
    caller = await gateway.visitor()
    for name, content in REFUSED:
        answer = await caller.upload(name, content, "image/png")
        assert (answer.status_code, answer.json().get("code")) == (415, "file_kind"), (name, content[:40])
    assert answer.headers["content-type"] == "application/problem+json"
    with gateway.db.read() as session:
        assert session.scalars(select(File)).all() == []


NAMES = [
    ("../../etc/passwd.png", "passwd.png"),
    ("C:\\Users\\a\\现场.png", "现场.png"),
    ("/abs/x.png", "x.png"),
    ("长" * 300 + ".png", "长" * 196 + ".png"),
    ("..", "未命名文件"),
    ("</script>'.png", "script>'.png"),
]


async def test_a_name_is_only_ever_shown(gateway: Gateway) -> None:
    caller = await gateway.visitor()
    for given, kept in NAMES:
        answer = await caller.upload(given, PNG)
        assert answer.status_code == 201, answer.text
        file_id = answer.json()["file_id"]
        with gateway.db.read() as session:
            assert session.get_one(File, file_id).name == kept
        given_back = await caller.get(f"/api/files/{file_id}")
        assert given_back.status_code == 200
        assert "set-cookie" not in given_back.headers
    folder = gateway.services.settings.data / "files"
    assert [p.name for p in folder.rglob("*") if p.is_file()] == [sha256(PNG).hexdigest()]


async def test_sizes(gateway: Gateway) -> None:
    caller = await gateway.visitor()
    empty = await caller.upload("a.png", b"")
    assert (empty.status_code, empty.json()["code"]) == (422, "file_missing")
    fits = await caller.upload("a.png", PNG.ljust(UPLOAD_LIMIT, b"\x00"))
    assert fits.status_code == 201
    over = await caller.upload("a.png", PNG.ljust(UPLOAD_LIMIT + 1, b"\x00"))
    assert (over.status_code, over.json()["code"]) == (413, "file_too_large")
    declared = await caller.upload("a.png", PNG.ljust(UPLOAD_LIMIT * 4, b"\x00"))
    assert (declared.status_code, declared.json()["code"]) == (413, "file_too_large")


async def test_two_gigabytes_declared_are_refused_before_they_are_read(gateway: Gateway) -> None:
    caller = await gateway.visitor()
    for size in (str(2 * 1024**3), "9" * 30, "9" * 5000):
        headers = {"Content-Length": size, "Content-Type": "multipart/form-data; boundary=x"}
        answer = await caller.post("/api/files", content=_never(), headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (413, "file_too_large")
        assert answer.headers["content-type"] == "application/problem+json"


async def _never() -> AsyncIterator[bytes]:
    raise AssertionError("the body was read")
    yield b""


async def test_a_stream_of_undeclared_length_is_cut_off(gateway: Gateway) -> None:
    caller = await gateway.visitor()
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
        while True:
            sent += 16_384
            assert sent < 10_000_000, "nobody stops reading"
            yield b"\x00" * 16_384

    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = await caller.post("/api/files", content=endless(), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "file_too_large")

    text = await caller.post("/api/messages", content=_long(), headers={"Content-Type": "application/json"})
    assert (text.status_code, text.json()["code"]) == (413, "body_too_large")


async def _long() -> AsyncIterator[bytes]:
    yield b'{"text":"'
    for _ in range(100):
        yield b"a" * 16_384
    yield b'"}'


async def test_a_file_is_its_conversations_own(gateway: Gateway) -> None:
    caller, other = await gateway.visitor(), await gateway.visitor()
    file_id = await caller.file()
    stolen = await other.get(f"/api/files/{file_id}")
    missing = await other.get("/api/files/0123456789abcdef")
    assert stolen.status_code == missing.status_code == 404
    assert stolen.json() == missing.json()
    sent = await other.post_message("看看", files=[file_id])
    assert (sent.status_code, sent.json()["code"]) == (422, "file_unknown")
    mixed = await other.post_message("看看", files=[await other.file(), file_id])
    assert mixed.status_code == 422
    with gateway.db.read() as session:
        (denied,) = session.scalars(select(DeniedRead)).all()
    assert denied.subject == f"file:{file_id}"
    assert other.conversation_id in denied.actor
    assert (await other.history())[1:] == []


async def test_files_alone_are_a_message(gateway: Gateway) -> None:
    caller = await gateway.visitor()
    file_id = await caller.file()
    answer = await caller.say("", files=[file_id, file_id])
    assert answer["messages"]
    assert gateway.rasa.turns[-1]["intent"] == "complaint_files"
    assert [file["file_id"] for file in (await caller.history())[1]["files"]] == [file_id]
    nothing = await caller.post_message("", files=[])
    assert (nothing.status_code, nothing.json()["code"]) == (422, "text_empty")
    many = await caller.post_message("", files=[file_id] * 11)
    assert many.status_code == 422


async def test_a_file_that_was_lost_from_the_disk_is_not_found(gateway: Gateway) -> None:
    caller = await gateway.visitor()
    file_id = await caller.file()
    for path in (gateway.services.settings.data / "files").rglob("*"):
        if path.is_file():
            path.unlink()
    assert (await caller.get(f"/api/files/{file_id}")).status_code == 404


def test_a_name_without_control_characters() -> None:
    assert storable_name("a\x00\x07b.png") == "ab.png"
    assert storable_name("a\r\nSet-Cookie: x=1.png") == "aSet-Cookie: x=1.png"
    assert storable_name("\x00\x01") == "未命名文件"


async def test_a_colleague_reads_the_evidence_of_a_case_and_the_files_of_a_talk_that_was_handed_over(
    demo_gateway: Gateway,
) -> None:
    gateway = demo_gateway
    caller = await gateway.bound()
    talk = Talk(caller)
    evidence, said = await caller.file("现场.png"), await caller.file("再说一件.png", PNG + b"1")
    await talk.open(files=[evidence])
    number = (await talk.submit())["fields"]["number"]
    officer, auditor = await gateway.staff("intake"), await gateway.staff("auditor")
    with gateway.db.read() as session:
        hunan = session.scalars(select(Branch.id).where(Branch.name == "湖南省分公司")).one()
    hire(gateway.db, "elsewhere", Role.INTAKE, branch_id=hunan)
    other, stranger = await gateway.staff("elsewhere", PASSWORD), await gateway.bound("AZ2026000002", "13800000002")
    shown = (await officer.get(f"/api/staff/complaints/{number}")).json()["files"]
    assert [file["file_id"] for file in shown] == [evidence]
    for reader in (officer, auditor):
        assert (await reader.get(f"/api/files/{evidence}")).content == PNG
        assert (await reader.get(f"/api/files/{said}")).status_code == 404, "not of the case, and the bot has the talk"
    for reader in (other, stranger, await gateway.staff("provider")):
        assert (await reader.get(f"/api/files/{evidence}")).status_code == 404
    with gateway.db.write() as session:
        hand_off(session, caller.conversation_id, "asked", gateway.services.clock.now())
    assert (await officer.get(f"/api/files/{said}")).status_code == 200
    assert (await other.get(f"/api/files/{said}")).status_code == 404
