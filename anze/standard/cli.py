"""`anze clause ID` and `anze search TEXT`: the standard's own words, for people and for programs."""

from typing import Annotated

import typer

from anze import commands
from anze.texts import text

Json = Annotated[bool, typer.Option("--json", help=text("cli.help.json"))]

clause = typer.Typer()
search = typer.Typer()


@clause.command("clause", help=text("standard.cli.clause"))
def show_clause(name: Annotated[str, typer.Argument(metavar="ID")], as_json: Json = False) -> None:
    """Print one clause with all below it; a number that the edition does not have is refused."""
    from anze.standard.load import load  # noqa: PLC0415 - loaded when called
    from anze.standard.lookup import clause as find  # noqa: PLC0415
    from anze.standard.lookup import text_of  # noqa: PLC0415

    known = load()
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
    as_json: Json = False,
) -> None:
    """Print the clauses nearest to a question, best first; nothing relevant is a result, not an error."""
    from dataclasses import asdict  # noqa: PLC0415 - loaded when called

    from anze.standard.load import load  # noqa: PLC0415
    from anze.standard.search import search as look  # noqa: PLC0415

    known = load()
    hits = look(query, limit, known)
    lines = [line for hit in hits for line in (f"{hit.clause}  （{hit.score:.1f}）", f"  {hit.text}")]
    result = {"query": query, "edition": known.edition.key, "hits": [asdict(hit) for hit in hits]}
    commands.say(result, [*lines, known.edition.cite] if hits else [text("standard.lead.none")], as_json=as_json)
