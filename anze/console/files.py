"""A field that sends files from the browser to /api/files as the colleague who is signed in, and names what is kept."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from nicegui.element import Element

from anze.console.html import tag
from anze.console.visit import Visit
from anze.console.words import say

_SEND = """async (event) => {
  const input = event.target, files = [...input.files];
  input.disabled = true;
  for (const file of files) {
    const form = new FormData();
    form.append("file", file);
    try {
      const answer = await fetch("/api/files", {method: "POST", body: form});
      const body = await answer.json();
      emit(answer.ok ? {file_id: body.file_id, name: file.name} : {error: body.detail});
    } catch { emit({error: ""}); }
  }
  input.disabled = false;
  input.value = "";
  emit({done: true});
}"""
"""The file goes by the route that checks its kind and size, never through the socket."""
ACCEPT = ".jpg,.jpeg,.png,.webp,.pdf,.mp4,.docx,.xlsx"


def file_field(
    visit: Visit, words: str, taken: Callable[[str, str], Awaitable[None]], *, accept: str = ACCEPT, many: bool = False,
    after: Callable[[], None] | None = None,
) -> Element:  # fmt: skip
    """`taken` gets the id and the name of each file that is kept; `after` is called when all are sent. What was
    refused is said."""

    in_turn = asyncio.Lock()
    """Events are handled side by side: without it the page is shown anew before the last file is kept."""

    async def sent(given: dict[str, Any]) -> None:
        async with in_turn:
            if given.get("done"):
                if after is not None:
                    after()
            elif "file_id" in given:
                await taken(str(given["file_id"]), str(given.get("name") or ""))
            else:
                visit.say(str(given.get("error") or "") or say("files.failed"), "negative")

    with tag("label", classes="file button") as label:
        tag("span", words)
        field = tag("input", "", "sr", type="file", accept=accept)
        if many:
            field.props["multiple"] = True

    async def handled(event: Any) -> None:
        await visit.on(lambda: sent(dict(event.args)))()

    field.on("change", handled, js_handler=_SEND)
    return label


class FileInput:
    """A file as one field of a form: `value` is the id of what was sent last, and its name is shown."""

    def __init__(self, visit: Visit, words: str, *, many: bool = False) -> None:
        self._many, self._kept = many, dict[str, str]()
        file_field(visit, words, self._taken, many=many)
        self._shown = tag("p", classes="soft", role="status")

    @property
    def value(self) -> Any:
        """The id, or a list of ids where many may be sent; None for none."""
        return (list(self._kept) if self._many else next(iter(self._kept))) if self._kept else None

    async def _taken(self, file_id: str, name: str) -> None:
        self._kept = (self._kept if self._many else {}) | {file_id: name}
        self._shown.clear()
        with self._shown:
            tag("span", say("files.added", name="、".join(self._kept.values())))
