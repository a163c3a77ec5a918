"""The migrations give exactly the tables of the models, on both engines, and can be undone."""

import threading

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect
from sqlalchemy.exc import DBAPIError

from anze import migrate
from anze.db import Database
from anze.models import Base


def test_the_migrated_schema_is_that_of_the_models(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []


def test_upgrade_from_nothing_and_all_the_way_back(empty_database: Database) -> None:
    engine = empty_database.engine
    assert migrate.current(engine) is None
    assert not migrate.is_current(engine)

    migrate.upgrade(engine)
    assert migrate.current(engine) == migrate.head()
    assert migrate.is_current(engine)
    assert set(inspect(engine).get_table_names()) == {*Base.metadata.tables, "alembic_version"}

    migrate.upgrade(engine)
    assert migrate.is_current(engine)

    migrate.downgrade(engine, "base")
    assert migrate.current(engine) is None
    assert inspect(engine).get_table_names() == ["alembic_version"]

    migrate.upgrade(engine)
    assert migrate.is_current(engine)


def test_an_older_database_is_not_current(empty_database: Database) -> None:
    migrate.upgrade(empty_database.engine, "0001")
    assert migrate.current(empty_database.engine) == "0001"
    assert not migrate.is_current(empty_database.engine)


def test_a_failed_upgrade_changes_nothing(empty_database: Database) -> None:
    with empty_database.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE statements (id INTEGER)")
    with pytest.raises(DBAPIError, match="statements"):
        migrate.upgrade(empty_database.engine)
    assert inspect(empty_database.engine).get_table_names() == ["statements"]


def test_two_programs_that_start_at_once_migrate_once(empty_database: Database) -> None:
    errors: list[BaseException] = []

    def start() -> None:
        try:
            migrate.upgrade(empty_database.engine)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=start) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert migrate.is_current(empty_database.engine)
