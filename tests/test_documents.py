"""The documents say what is true: links lead somewhere, commands exist, every setting is listed."""

import re
import subprocess
from pathlib import Path

import pytest
from typer.main import get_command

from anze.cli import COMMANDS, app
from anze.settings import ROOT, Settings

DOCUMENTS = [
    *(ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "models/README.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]
NO_COMMANDS = {"wechat", "obligations"}
"""Named in the documents as what a later step brings."""


def names(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


def anchors(document: Path) -> set[str]:
    """The anchors that a forge makes of the headings."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def targets() -> set[str]:
    database = subprocess.run(["make", "-pqrR"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    return set(re.findall(r"^([a-z][a-z-]*):", database, re.MULTILINE))


@pytest.mark.parametrize("document", DOCUMENTS, ids=names(DOCUMENTS))
def test_every_link_leads_somewhere(document: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", document.read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (document.parent / path).resolve() if path else document
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("document", DOCUMENTS, ids=names(DOCUMENTS))
def test_every_command_exists(document: Path) -> None:
    # What stands in code: fenced blocks and single backquotes.
    code = "\n".join(re.findall(r"```.*?```|`[^`]+`", document.read_text(encoding="utf-8"), re.DOTALL))
    assert set(re.findall(r"\bmake ([a-z][a-z-]*)", code)) <= targets()
    assert set(re.findall(r"\banze ([a-z]+)\b", code)) - NO_COMMANDS <= set(COMMANDS)


def test_the_two_commands_come_first_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"^make ([a-z]+)", readme, re.MULTILINE)[:2] == ["run", "test"]
    assert (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()[-2:] == ["make test", "make check"]


def test_every_command_can_be_loaded_and_takes_json() -> None:
    group = get_command(app)
    context = group.make_context("anze", [], resilient_parsing=True)
    for name in COMMANDS:
        command = group.get_command(context, name)  # type: ignore[attr-defined]
        for one in getattr(command, "commands", {name: command}).values():
            options = {option for parameter in one.params for option in parameter.opts}
            assert "--json" in options, (name, one.name)


def test_every_setting_is_listed_with_its_default() -> None:
    listed = dict(
        re.findall(
            r"^\| `([A-Z_]+)` \| (.+?) \|", (ROOT / "docs/settings.md").read_text(encoding="utf-8"), re.MULTILINE
        )
    )
    fields = {
        field.validation_alias or f"ANZE_{name.upper()}": field.default for name, field in Settings.model_fields.items()
    }
    assert set(fields) <= set(listed)
    unknown = {name for name in listed if name not in fields and "TEST" not in name and name != "ANZE_CHROMIUM"}
    assert not unknown
    for name, default in fields.items():
        if isinstance(default, bool | int | float | str):
            shown = str(default).lower() if isinstance(default, bool) else str(default)
            assert listed[name] == f"`{shown}`", name


def test_pictures_are_small() -> None:
    pictures = list((ROOT / "docs" / "images").glob("*.png"))
    assert pictures
    assert all(picture.stat().st_size < 300_000 for picture in pictures)
