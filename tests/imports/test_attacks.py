"""Files made to do harm, two imports at once, a process that is killed: nothing is half imported, all runs again."""

import asyncio
import io
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select, update
from typer.testing import CliRunner

from anze.audit import chain
from anze.cli import app
from anze.conversations.turns import real_now
from anze.db import Database
from anze.imports import applying, running
from anze.imports.models import Import, ImportNote, ImportState
from anze.imports.running import ATTEMPTS, Worker
from anze.policies.models import Applicant, Policy, PolicyYear
from anze.state import AppState
from tests.helpers.gateway import Gateway
from tests.helpers.rows import difference, snapshot
from tests.imports.desk import ROOT, Desk, outcome
from tests.imports.files import applicant, code, csv_of, insured, policy
from tests.imports.test_imports import BOOKKEEPING


def count(database: Database, model: Any = Applicant) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


async def test_two_hundred_megabytes_are_refused_before_they_are_kept(demo_gateway: Gateway) -> None:
    desk = await Desk.of(demo_gateway)
    limit = demo_gateway.services.settings.import_limit_bytes

    async def endless() -> Any:
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
        for _ in range(200):
            yield b"a" * (1024 * 1024)

    headers = desk.caller.headers | {"Content-Type": "multipart/form-data; boundary=x"}
    for more in ({}, {"Content-Length": str(200 * 1024 * 1024)}):
        answer = await demo_gateway.client.post(
            ROOT, params={"kind": "applicants"}, content=endless(), headers=headers | more
        )
        assert (answer.status_code, answer.json()["code"]) == (413, "import_too_large")
        assert str(limit // (1024 * 1024)) in answer.json()["detail"]
    folder = demo_gateway.services.settings.data / "imports"
    assert not folder.exists() or list(folder.iterdir()) == []


async def test_nonsense_in_the_call_is_no_500(demo_gateway: Gateway) -> None:
    desk = await Desk.of(demo_gateway)
    files = {"file": ("x.csv", b"a,b\n", "text/csv")}
    for params in ({"kind": "x" * 30}, {"kind": "policies", "since": "gestern"}, {}):
        assert (await desk.caller.post(ROOT, files=files, params=params)).status_code == 422
    assert (await desk.caller.post(ROOT, {}, params={"kind": "policies"})).status_code == 422
    for path in ("/0", "/99999999999", "/x"):
        assert (await desk.caller.get(f"{ROOT}{path}")).status_code == 422, path
    for asked in ({"part": "x"}, {"page": 0}, {"size": 1000}):
        assert (await desk.caller.get(f"{ROOT}/1/notes", **asked)).status_code == 422, asked
    view = await desk.checked("applicants", [applicant(1)])
    for body in ({}, {"digest": "x"}, {"digest": "0" * 64, "partial": "vielleicht"}):
        assert (await desk.caller.post(f"{ROOT}/{view['id']}/confirm", body)).status_code == 422
    other = await desk.caller.post(f"{ROOT}/{view['id']}/confirm", {"digest": "0" * 64})
    assert (other.status_code, other.json()["code"]) == (409, "import_digest")
    long = await desk.bring("applicants", csv_of("applicants", [applicant(2)]), name=f"../..\\{'长' * 300}.csv")
    assert (long.status_code, len(long.json()["file_name"]) <= 200) == (202, True)


async def test_the_same_file_agreed_to_twice_at_once_is_written_once(demo_gateway: Gateway) -> None:
    desk = await Desk.of(demo_gateway)
    first, second = await desk.checked("applicants", [applicant(1)]), await desk.checked("applicants", [applicant(1)])
    assert outcome(first) == outcome(second) == (1, 0, 0, 0)
    for view in (first, second):
        answers = await asyncio.gather(*(desk.confirm(view) for _ in range(3)))
        assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    before = count(demo_gateway.db)
    workers = [Worker(demo_gateway.services) for _ in range(2)]
    await asyncio.gather(*(asyncio.to_thread(worker.run_one) for worker in workers))
    await desk.work(4)
    assert count(demo_gateway.db) == before + 1
    states = [(await desk.one(view["id"])) for view in (first, second)]
    assert sorted(view["state"] for view in states) == ["checked", "done"]
    left = next(view for view in states if view["state"] == "checked")
    assert outcome(left) == (0, 0, 1, 0), "what is otherwise now is shown anew, and not written unseen"
    assert "请再看一遍" in left["problem"]
    with demo_gateway.db.read() as session:
        assert chain.verify(session) == []


async def test_many_imports_at_once_end_as_if_one_came_after_the_other(demo_gateway: Gateway) -> None:
    desk = await Desk.of(demo_gateway)
    views = [await desk.checked("applicants", [applicant(n), applicant(n + 100)]) for n in range(1, 7)]
    for view in views:
        assert (await desk.confirm(view)).status_code == 200
    before = count(demo_gateway.db)

    def all_of_them() -> None:
        worker = Worker(demo_gateway.services)
        while worker.run_one():
            pass

    threads = [threading.Thread(target=all_of_them) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        await asyncio.to_thread(thread.join)
    assert count(demo_gateway.db) == before + 12
    assert {(await desk.one(view["id"]))["state"] for view in views} == {"done"}
    with demo_gateway.db.read() as session:
        assert session.get_one(AppState, "imports.generation").value == "6"
        assert chain.verify(session) == []


async def test_what_breaks_in_the_middle_leaves_nothing(demo_gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = await Desk.of(demo_gateway)
    await desk.imported("applicants", [applicant(n) for n in range(1, 4)])
    await desk.imported("insureds", [insured(n) for n in range(1, 4)])
    view = await desk.checked("policies", [policy(n) for n in range(1, 4)])
    before = snapshot(demo_gateway.db)
    whole = applying.note

    def broken(*_: Any) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(applying, "note", broken)
    assert (await desk.confirm(view)).status_code == 200
    await desk.work()
    assert (await desk.one(view["id"]))["state"] == "failed"
    found = difference(before, snapshot(demo_gateway.db))
    assert {*found.added, *found.changed, *found.removed} <= BOOKKEEPING
    assert "audit_events" not in found.added
    assert count(demo_gateway.db, Policy) == len(before["policies"])
    monkeypatch.setattr(applying, "note", whole)
    assert outcome(await desk.imported("policies", [policy(n) for n in range(1, 4)])) == (3, 0, 0, 0)


async def test_a_worker_that_lost_its_claim_writes_nothing(
    demo_gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = await Desk.of(demo_gateway)
    view = await desk.checked("applicants", [applicant(1)])
    await desk.confirm(view)
    before = count(demo_gateway.db)
    slow, whole = Worker(demo_gateway.services), Worker._write

    def overtaken(self: Worker, job: Any, plan: Any) -> None:
        if self is slow:
            with demo_gateway.db.write() as session:
                session.execute(update(Import).values(claimed_until=real_now() - timedelta(seconds=1)))
            assert Worker(demo_gateway.services).run_one()
        whole(self, job, plan)

    monkeypatch.setattr(Worker, "_write", overtaken)
    assert await asyncio.to_thread(slow.run_one)
    assert (await desk.one(view["id"]))["state"] == "done"
    assert count(demo_gateway.db) == before + 1


async def test_a_file_with_which_the_process_died_again_and_again_is_left_alone(demo_gateway: Gateway) -> None:
    desk = await Desk.of(demo_gateway)
    answer = await desk.bring("applicants", csv_of("applicants", [applicant(1)]))
    with demo_gateway.db.write() as session:
        row = session.get_one(Import, answer.json()["id"])
        row.state, row.attempts, row.claimed_until = ImportState.CHECKING, ATTEMPTS, real_now() - timedelta(seconds=1)
    await desk.work()
    view = await desk.one(answer.json()["id"])
    assert (view["state"], "几次中断" in view["problem"]) == ("failed", True)


async def test_files_and_reports_do_not_stay_for_ever(demo_gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = await Desk.of(demo_gateway)
    services = demo_gateway.services
    folder = services.settings.data / "imports"
    done = await desk.imported("applicants", [applicant(1), applicant(2, uscc="x")], partial=True)
    waiting = await desk.checked("applicants", [applicant(3)])
    assert {path.name for path in folder.iterdir()} == {done["file_sha256"], waiting["file_sha256"]}
    assert oct(folder.stat().st_mode & 0o777) == "0o700"
    monkeypatch.setattr("anze.imports.files._SETTLED_SECONDS", -1)
    await running.tidy(services)
    assert {path.name for path in folder.iterdir()} == {waiting["file_sha256"]}
    services.clock.move_to(services.clock.now() + timedelta(days=2))
    await running.tidy(services)
    assert (await desk.one(waiting["id"]))["state"] == "dropped"
    assert list(folder.iterdir()) == []
    assert count(demo_gateway.db, ImportNote) == 1
    services.clock.move_to(services.clock.now() + timedelta(days=30))
    await running.tidy(services)
    assert count(demo_gateway.db, ImportNote) == 0
    lost = await desk.bring("applicants", csv_of("applicants", [applicant(4)]))
    next(folder.iterdir()).unlink()
    await desk.work()
    assert (await desk.one(lost.json()["id"]))["state"] == "refused"


async def test_a_formula_in_a_name_is_text_and_harmless_wherever_it_comes_out(demo_gateway: Gateway) -> None:
    desk = await Desk.of(demo_gateway)
    evil = "=HYPERLINK(1)"
    await desk.imported("applicants", [applicant(1)])
    await desk.imported("insureds", [insured(1, name=evil, size_class="大型")])
    await desk.imported("policies", [policy(1)])
    for form in ("csv", "xlsx"):
        answer = await desk.caller.get("/api/staff/obligations/yearly_check/file", form=form)
        assert answer.status_code == 200
        if form == "csv":
            assert f"'{evil}" in answer.content.decode("utf-8-sig")
            assert f",{evil}" not in answer.content.decode("utf-8-sig")
        else:
            cells = [cell for sheet in load_workbook(io.BytesIO(answer.content)) for row in sheet for cell in row]
            assert evil in [cell.value for cell in cells]
            assert all(cell.data_type != "f" for cell in cells)


async def test_how_far_it_is_can_be_asked_while_it_works(
    demo_gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = await Desk.of(demo_gateway)
    answer = await desk.bring("applicants", csv_of("applicants", [applicant(n) for n in range(2500)]))
    seen: list[tuple[str, int]] = []
    whole = Worker.renew

    def renewed(self: Worker, job: Any, progress: int) -> None:
        whole(self, job, progress)
        with demo_gateway.db.read() as session:
            row = session.get_one(Import, job.id)
            seen.append((row.state, row.progress))

    monkeypatch.setattr(Worker, "renew", renewed)
    monkeypatch.setattr(running, "_TOLD_SECONDS", -1)
    await running.run_due(demo_gateway.services)
    assert seen == [("checking", n) for n in (1000, 2000, 1000, 2000, 2500)]
    assert (await desk.one(answer.json()["id"]))["state"] == "checked"


_KILLED = """
import sys, time
from pathlib import Path
from anze.cli import app
from anze.imports import applying
mark = Path(sys.argv.pop(1))
def slow(*_):
    mark.touch()
    time.sleep(60)
applying.note = slow
app()
"""


def test_a_process_that_is_killed_in_the_middle_leaves_nothing_and_can_run_again(
    demo_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All rows are written and not committed when it dies: on both databases they were never there."""
    url = demo_database.engine.url.render_as_string(hide_password=False)
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("ANZE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("ANZE_NOW", "2026-11-23T10:00+08:00")
    file, mark = tmp_path / "a.csv", tmp_path / "written"
    file.write_bytes(csv_of("applicants", [applicant(n) for n in range(2000)]))
    before = snapshot(demo_database)
    words = ["import", str(file), "--kind", "applicants", "--json"]
    process = subprocess.Popen([sys.executable, "-c", _KILLED, str(mark), *words])
    deadline = time.monotonic() + 60
    while not mark.exists():
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.kill()
    process.wait()
    assert snapshot(demo_database) == before
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    assert count(demo_database) == len(before["applicants"]) + 2000
    assert count(demo_database, PolicyYear) == len(before["policy_years"])
    with demo_database.read() as session:
        assert session.scalar(select(Applicant.name).where(Applicant.uscc == code(1999))) == "测试集团1999"
