"""The routes that an application has, however its routers are nested."""

from collections.abc import Iterator

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts


def routes(app: FastAPI, under: str) -> Iterator[tuple[str, str]]:
    """(method, path) of every route whose path begins with `under`; HEAD goes with GET."""
    for route in iter_route_contexts(app.routes):
        path = route.path or ""
        for method in sorted(set(route.methods or ()) - {"HEAD"}):
            if path == under or path.startswith(f"{under.rstrip('/')}/"):
                yield method, path
