"""Which Chinese spaCy pipeline this environment has: spaCy's own zh_core_web_sm, or the embedded one.

The package index holds a package of the same name that is not spaCy's (version 999.9.9). So a package is taken for the
model only by spaCy's own description of it (`meta.json`), which is read as a file: nothing of the package is run.
"""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

EMBEDDED = "embedded"
CORE_WEB_SM = "zh_core_web_sm"


class LanguageMismatchError(Exception):
    """The model was trained with one Chinese pipeline and the environment has the other."""

    def __init__(self, trained: str, present: str) -> None:
        super().__init__(
            f"the model was trained with the Chinese pipeline '{trained}', this environment has '{present}': "
            "train again (bot/run.py train) or install the other one"
        )


def package_folder() -> Path | None:
    """The folder of an installed package called zh_core_web_sm, whoever made it."""
    spec = importlib.util.find_spec(CORE_WEB_SM)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations)))


def kind_of(package: Path | None) -> str:
    """`zh_core_web_sm` when the folder holds spaCy's own Chinese model, version 3.x; else `embedded`."""
    if package is None:
        return EMBEDDED
    try:
        meta = json.loads((package / "meta.json").read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return EMBEDDED
    genuine = (
        isinstance(meta, dict)
        and meta.get("lang") == "zh"
        and meta.get("name") == "core_web_sm"
        and str(meta.get("version", "")).startswith("3.")
    )
    return CORE_WEB_SM if genuine else EMBEDDED


def present_kind() -> str:
    """The kind of this environment."""
    return kind_of(package_folder())


def require_kind(trained: str) -> None:
    """Raises LanguageMismatchError when a model trained with `trained` cannot be used here."""
    present = present_kind()
    if trained != present:
        raise LanguageMismatchError(trained, present)
