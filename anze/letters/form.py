"""What a kind of letter may say, and what one letter says: placeholders with their values. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Form:
    """`name`: of the template, `<name>.docx`. `fields` once each, `columns` in rows that repeat, by group.

    `required`: without these a letter does not say what it must.
    """

    name: str
    fields: tuple[str, ...]
    columns: Mapping[str, tuple[str, ...]]
    required: tuple[str, ...]


@dataclass(frozen=True)
class Content:
    """`fields`: placeholder → text, lines parted by \\n. `rows`: group → one dict a row, with all its columns."""

    form: Form
    fields: dict[str, str]
    rows: dict[str, list[dict[str, str]]]

    @property
    def title(self) -> str:
        return self.fields["title"]

    @property
    def names(self) -> set[str]:
        """Every placeholder that a template of this form may use."""
        columns = self.form.columns.items()
        return {*self.form.fields, *(f"{group}.{name}" for group, names in columns for name in names)}


def example(form: Form) -> Content:
    """Each placeholder stands for itself: to try a template without a case."""
    rows = {group: [{name: name for name in names}] for group, names in form.columns.items()}
    return Content(form, {name: name for name in form.fields}, rows)
