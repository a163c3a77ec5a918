"""The provider's page as files: small, self-contained, nothing inline, all of it kept for a phone without a line."""

import re
from pathlib import Path

import pytest

from anze.app import PROVIDER_PAGE
from tests.browser.test_page_files import NAMESPACE, _Inline

FILES = sorted(path for path in PROVIDER_PAGE.rglob("*") if path.is_file())
MODULES = {path.name for path in FILES if path.suffix == ".js"} - {"worker.js"}


def test_everything_together_is_below_60_kilobytes() -> None:
    assert sum(path.stat().st_size for path in FILES) < 60_000


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_outside_address_and_no_code_from_text(path: Path) -> None:
    content = path.read_text("utf-8").replace(NAMESPACE, "").replace('"http://www.w3.org/2000/svg"', "")
    assert not re.search(r"https?:|\bwss?:|[\"'(=]\s*//\w|javascript:|data:\w+/", content)
    if path.suffix == ".js":
        assert not re.search(r"\beval\b|\bFunction\(|innerHTML|outerHTML|insertAdjacentHTML|document\.write", content)


def test_nothing_is_inline_and_every_named_file_exists() -> None:
    parser = _Inline()
    parser.feed((PROVIDER_PAGE / "index.html").read_text("utf-8"))
    assert parser.forbidden == []
    imports = {name for path in FILES for name in re.findall(r'from "\./([^"]+)"', path.read_text("utf-8"))}
    assert imports | set(parser.files) == {path.name for path in FILES} - {"index.html", "worker.js"}


def test_the_worker_keeps_every_file_of_the_page() -> None:
    worker = (PROVIDER_PAGE / "worker.js").read_text("utf-8")
    (names,) = re.findall(r'"([a-z ]+)"\.split', worker)
    assert {f"{name}.js" for name in names.split()} == MODULES
    for other in ("./", "style.css", "icon.svg"):
        assert f'"{other}"' in worker
