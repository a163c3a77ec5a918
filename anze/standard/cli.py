"""`anze clause`, `anze search`, `anze standard`: the standard's own words, for people and for programs."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from anze import commands
from anze.texts import text

if TYPE_CHECKING:
    from anze.standard.load import Knowledge

Json = Annotated[bool, typer.Option("--json", help=text("cli.help.json"))]
Edition = Annotated[str | None, typer.Option("--edition", metavar="KEY", help=text("standard.cli.edition"))]

clause = typer.Typer()
search = typer.Typer()
standard = typer.Typer(help=text("editions.cli.group"), no_args_is_help=True)


def _edition(key: str | None) -> "Knowledge":
    """The named edition, or the one in force today. Raises RefusedError."""
    from anze.standard.load import KnowledgeError  # noqa: PLC0415 - loaded when called

    here = commands.editions(commands.settings())
    try:
        return here.on(here.today()) if key is None else here.get(key)
    except KnowledgeError as error:
        raise commands.RefusedError(
            line=text("standard.cli.no_edition", edition=key, all="、".join(here.by_key))
        ) from error


@clause.command("clause", help=text("standard.cli.clause"))
def show_clause(
    name: Annotated[str, typer.Argument(metavar="ID")], edition: Edition = None, as_json: Json = False
) -> None:
    """Print one clause with all below it; a number that the edition does not have is refused."""
    from anze.standard.lookup import clause as find  # noqa: PLC0415 - loaded when called
    from anze.standard.lookup import text_of  # noqa: PLC0415

    known = _edition(edition)
    found = find(known, name)
    if found.clause is None:
        raise commands.RefusedError(line=text("standard.cli.no_clause", name=name))
    names = [one for one in known.clauses if one == found.clause or one in known.below(found.clause)]
    parts = [{"clause": one, "text": text_of(known, one)} for one in names]
    result = {
        "clause": found.clause,
        "heading": known.heading(found.clause),
        "text": "\n".join(part["text"] for part in parts),
        "parts": parts,
        "also": list(found.also),
        "version": known.edition.cite,
        "edition": known.edition.key,
    }
    lines = [f"{found.clause} {known.heading(found.clause)}", *(f"{part['clause']}  {part['text']}" for part in parts)]
    lines += [text("standard.lead.also_numbered", term=known.heading(one), clause=one) for one in found.also]
    commands.say(result, [*lines, known.edition.cite], as_json=as_json)


@search.command("search", help=text("standard.cli.search"))
def find_text(
    query: Annotated[str, typer.Argument(metavar="TEXT")],
    limit: Annotated[int, typer.Option("--limit", min=1, max=50, help=text("standard.cli.limit"))] = 5,
    edition: Edition = None,
    as_json: Json = False,
) -> None:
    """Print the clauses nearest to a question, best first; nothing relevant is a result, not an error."""
    from dataclasses import asdict  # noqa: PLC0415 - loaded when called

    from anze.standard.search import search as look  # noqa: PLC0415

    known = _edition(edition)
    hits = look(query, limit, known)
    lines = [line for hit in hits for line in (f"{hit.clause}  （{hit.score:.1f}）", f"  {hit.text}")]
    result = {"query": query, "edition": known.edition.key, "hits": [asdict(hit) for hit in hits]}
    commands.say(result, [*lines, known.edition.cite] if hits else [text("standard.lead.none")], as_json=as_json)


@standard.command("list", help=text("editions.cli.list"))
def editions(as_json: Json = False) -> None:
    """Print every edition, and what is wrong with those that were left out."""
    from anze.standard.comparing import listed  # noqa: PLC0415 - loaded when called

    here = commands.editions(commands.settings())
    rows = listed(here)
    lines = [f"{row['key']}  {row['cite']}  {row['words']}" for row in rows]
    lines += [text("editions.cli.broken", why=why) for why in here.broken]
    commands.say({"editions": rows, "broken": list(here.broken)}, lines, as_json=as_json)


@standard.command("diff", help=text("editions.cli.diff"))
def compare(
    old: Annotated[str | None, typer.Argument(metavar="OLD", help=text("editions.cli.old"))] = None,
    new: Annotated[str | None, typer.Argument(metavar="NEW", help=text("editions.cli.new"))] = None,
    as_json: Json = False,
) -> None:
    """Print what differs, clause by clause."""
    from anze.standard.comparing import compared, meant  # noqa: PLC0415 - loaded when called
    from anze.standard.load import KnowledgeError  # noqa: PLC0415

    here = commands.editions(commands.settings())
    if (old is None) != (new is None):
        raise commands.RefusedError(line=text("editions.cli.both"))
    try:
        pair = meant(here, old, new)
    except KnowledgeError as error:
        missing = next(key for key in (old, new) if key not in here.by_key)
        line = text("standard.cli.no_edition", edition=missing, all="、".join(here.by_key))
        raise commands.RefusedError(line=line) from error
    if pair is None:
        raise commands.RefusedError(line=text("editions.cli.one_only"))
    rows = compared(*pair)
    before, after = (known.edition for known in pair)
    lines = [text("editions.cli.title", old=before.cite, new=after.cite)]
    lines += [line for row in rows for line in _lines(row)]
    lines.append(text("editions.cli.count", count=len(rows)) if rows else text("editions.cli.same"))
    commands.say({"old": before.key, "new": after.key, "clauses": rows}, lines, as_json=as_json)


def _lines(row: dict[str, Any]) -> Iterator[str]:
    from anze.standard.comparing import marked  # noqa: PLC0415 - loaded when called

    yield f"\n{row['name']} {row['heading']}  {row['kind_words']}".rstrip()
    if row["kind"] != "kept":
        yield "  " + "".join(marked(piece) for piece in row["pieces"]).replace("\n", "\n  ")
    for name in ("numbers", "duties", "checks"):
        yield from (f"  {text(f'editions.{name}')}：{line}" for line in row[name])
