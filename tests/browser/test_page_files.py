"""The page as files: small, self-contained, nothing inline."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.browser.fake_gateway import PAGE

FILES = sorted(path for path in PAGE.rglob("*") if path.is_file())
NAMESPACE = 'xmlns="http://www.w3.org/2000/svg"'


def test_everything_together_is_below_60_kilobytes() -> None:
    assert sum(path.stat().st_size for path in FILES) < 60_000


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_outside_address_and_no_code_from_text(path: Path) -> None:
    content = path.read_text("utf-8").replace(NAMESPACE, "")
    assert not re.search(r"https?:|wss?:|[\"'(=]\s*//\w|javascript:|data:\w+/", content)
    if path.suffix == ".js":
        assert not re.search(r"\beval\b|\bFunction\(|innerHTML|outerHTML|insertAdjacentHTML|document\.write", content)


class _Inline(HTMLParser):
    """Collects what a content policy without 'unsafe-inline' forbids, and every file that the page names."""

    def __init__(self) -> None:
        super().__init__()
        self.forbidden: list[str] = []
        self.files: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        self.forbidden += [f"{tag} {name}" for name in names if name == "style" or name.startswith("on")]
        if tag == "style" or (tag == "script" and "src" not in names):
            self.forbidden.append(tag)
        target = names.get("src") or (names.get("href") if tag == "link" else None)
        self.files += [target] if target else []


def test_nothing_is_inline_and_every_named_file_exists() -> None:
    parser = _Inline()
    parser.feed((PAGE / "index.html").read_text("utf-8"))
    assert parser.forbidden == []
    imports = {name for path in PAGE.glob("*.js") for name in re.findall(r'from "\./([^"]+)"', path.read_text("utf-8"))}
    assert imports | set(parser.files) == {path.name for path in FILES} - {"index.html"}
