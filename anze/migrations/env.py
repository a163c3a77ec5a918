"""Alembic's entry: runs on the connection that anze.migrate hands over, else on the configured database."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import JSON, Connection

from anze.db import Instant, make_engine
from anze.models import Base
from anze.settings import Settings


def _render(kind: str, item: Any, autogen: AutogenContext) -> str | Literal[False]:
    # A migration stays what it was: it names the database's own type, not a class of ours that may change.
    if kind == "type" and isinstance(item, Instant):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, JSON):
        autogen.imports.add("from sqlalchemy.dialects import postgresql")
        return 'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")'
    return False


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_item=_render,
        render_as_batch=connection.dialect.name == "sqlite",
    )
    with context.begin_transaction():
        context.run_migrations()


given: Connection | None = context.config.attributes.get("connection")
if given is not None:
    _run(given)
else:
    engine = make_engine(Settings().database)
    with engine.begin() as opened:
        _run(opened)
    engine.dispose()
