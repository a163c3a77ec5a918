"""Who may import whom (docs/design.md, Import rules), read from the source without running it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DATABASE_AND_WEB = {"sqlalchemy", "alembic", "psycopg", "fastapi", "starlette", "httpx", "uvicorn", "rasa_sdk", "rasa"}
IO_MODULES = ("anze.db", "anze.services", "anze.app", "anze.channels")
NOUNS = {
    "appraisals", "archives", "audit", "bookings", "calendar", "canned", "complaints", "conversations", "fees",
    "hazards", "identity", "imports", "letters", "management", "plans", "policies", "presence", "procedure",
    "providers", "regulators", "reminders", "reports", "standard", "status", "surveys", "tasks",
}  # fmt: skip
USE_CASES = {
    "anze.bookings.usecases",
    "anze.complaints.decision",
    "anze.complaints.glance",
    "anze.complaints.orders",
    "anze.complaints.preparing",
    "anze.complaints.reopening",
    "anze.complaints.usecases",
    "anze.complaints.words",
    "anze.conversations.emergency",
    "anze.conversations.normalise",
    "anze.conversations.turn",
    "anze.conversations.usecases",
    "anze.plans.talk",
    "anze.hazards.usecases",
    "anze.identity.members",
    "anze.identity.usecases",
    "anze.obligations.talk",
    "anze.reminders.usecases",
    "anze.reports.usecases",
    "anze.standard.usecases",
    "anze.status.usecases",
    "anze.surveys.usecases",
    "anze.errors",
    "anze.texts",
}
"""What an action may know of the application: use cases, the words they read, texts and errors."""
SEAM = {"anze.db", "anze.services", "anze.identity.denied"}
"""What only the seam itself needs: the unit of work, the parts of the application, the record of a denied read."""
SEAM_FILES = {"server.py", "turn_action.py"}


def _files(folder: str) -> list[Path]:
    return sorted(p for p in (ROOT / folder).rglob("*.py") if ".venv" not in p.parts)


def _imports(file: Path) -> Iterator[str]:
    """Every module that a file names, wherever in it; of `from a import b` both a and a.b, as b may be a module."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: relative import"
            yield str(node.module)
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                if (ROOT / (name.replace(".", "/") + ".py")).exists() or (ROOT / name.replace(".", "/")).is_dir():
                    yield name


def _of(modules: Iterator[str], *packages: str) -> set[str]:
    return {m for m in modules if any(m == package or m.startswith(f"{package}.") for package in packages)}


def _reached(module: str, seen: set[str]) -> set[str]:
    """Modules of anze that a module imports, and theirs."""
    file = ROOT / (module.replace(".", "/") + ".py")
    if module in seen or not file.exists():
        return seen
    seen.add(module)
    for name in _of(_imports(file), "anze"):
        _reached(name, seen)
    return seen


@pytest.mark.parametrize("file", sorted((ROOT / "anze").rglob("rules.py")), ids=lambda p: p.parent.name)
def test_rules_know_no_database_and_no_web(file: Path) -> None:
    module = ".".join(file.relative_to(ROOT).with_suffix("").parts)
    for reached in _reached(module, set()):
        source = ROOT / (reached.replace(".", "/") + ".py")
        assert not _of(_imports(source), *DATABASE_AND_WEB, *IO_MODULES), reached


def test_rules_are_found() -> None:
    assert {p.parent.name for p in (ROOT / "anze").rglob("rules.py")} >= {"calendar", "complaints", "policies"}


def test_no_noun_asks_the_store_of_another() -> None:
    stores = {p.parent.name for p in (ROOT / "anze").glob("*/store.py")}
    assert stores
    for file in _files("anze"):
        own = file.relative_to(ROOT / "anze").parts[0]
        foreign = {m for m in _of(_imports(file), "anze") for s in stores - {own} if m == f"anze.{s}.store"}
        assert not foreign, (file, foreign)


def test_a_store_holds_queries() -> None:
    for file in (ROOT / "anze").glob("*/store.py"):
        assert _of(_imports(file), "sqlalchemy"), file


def test_use_cases_and_stores_never_end_a_transaction() -> None:
    for file in _files("anze"):
        if file.relative_to(ROOT / "anze").parts[0] not in NOUNS:
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                assert node.func.attr not in {"commit", "rollback", "begin", "begin_nested"}, (file, node.lineno)


def test_actions_know_use_cases_only() -> None:
    for file in _files("actions"):
        allowed = USE_CASES | (SEAM if file.name in SEAM_FILES else set())
        named = _of(_imports(file), "anze")
        packages = {module.rsplit(".", 1)[0] for module in named}
        assert named - packages - {"anze"} <= allowed, (file, named - packages - allowed)
        assert not _of(_imports(file), "alembic", "psycopg", "httpx"), file
        if file.name not in SEAM_FILES:
            assert not _of(_imports(file), "sqlalchemy", "fastapi"), file


def test_the_bot_and_the_application_share_no_code() -> None:
    for file in _files("bot"):
        assert not _of(_imports(file), "anze", "actions"), file
    for file in [*_files("anze"), *_files("actions")]:
        assert not _of(_imports(file), "bot", "rasa", "components", "tests"), file


def test_the_application_names_the_actions_at_its_edge_only() -> None:
    for file in _files("anze"):
        if file.name != "app.py":
            assert not _of(_imports(file), "actions"), file
