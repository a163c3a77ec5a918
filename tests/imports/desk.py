"""An administrator at the HTTP API, with the worker that does the long work when it is told to."""

import asyncio
from dataclasses import dataclass
from typing import Any

from anze.imports.running import Worker
from tests.helpers.gateway import Caller, Gateway
from tests.imports.files import Values, csv_of

ROOT = "/api/staff/imports"


@dataclass
class Desk:
    gateway: Gateway
    caller: Caller

    @classmethod
    async def of(cls, gateway: Gateway, username: str = "admin", password: str = "demo-anze") -> "Desk":
        return cls(gateway, await gateway.staff(username, password))

    async def work(self, times: int = 1) -> None:
        """What the job of the server does."""
        worker = Worker(self.gateway.services)
        for _ in range(times):
            await asyncio.to_thread(worker.run_one)

    async def bring(self, kind: str, content: bytes, name: str = "清单.csv", **params: Any) -> Any:
        files = {"file": (name, content, "text/csv")}
        return await self.caller.post(ROOT, files=files, params={"kind": kind} | params)

    async def checked(self, kind: str, rows: list[Values] | bytes, **params: Any) -> dict[str, Any]:
        """Bring a file and have it checked."""
        content = rows if isinstance(rows, bytes) else csv_of(kind, rows)
        answer = await self.bring(kind, content, **params)
        assert answer.status_code == 202, answer.text
        await self.work()
        return await self.one(answer.json()["id"])

    async def one(self, id_: int) -> dict[str, Any]:
        answer = await self.caller.get(f"{ROOT}/{id_}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def notes(self, id_: int, part: str = "faults") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.caller.get(f"{ROOT}/{id_}/notes", part=part)).json()["items"]
        return found

    async def confirm(self, view: dict[str, Any], *, partial: bool = False) -> Any:
        body = {"digest": view["digest"], "partial": partial}
        return await self.caller.post(f"{ROOT}/{view['id']}/confirm", body)

    async def imported(
        self, kind: str, rows: list[Values] | bytes, *, partial: bool = False, **params: Any
    ) -> dict[str, Any]:
        """Bring, check, agree, write."""
        view = await self.checked(kind, rows, **params)
        assert view["state"] == "checked", (view["problem"], await self.notes(view["id"]))
        answer = await self.confirm(view, partial=partial)
        assert answer.status_code == 200, (answer.text, await self.notes(view["id"]))
        await self.work()
        done = await self.one(view["id"])
        assert done["state"] == "done", done["problem"]
        return done


def outcome(view: dict[str, Any]) -> tuple[int, int, int, int]:
    """(new, changed, same, refused)."""
    counts = view["counts"]
    return counts["new"], counts["changed"], counts["same"], counts["refused"]
