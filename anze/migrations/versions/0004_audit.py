"""Retention (7.4): a complaint, its decision, its evidence and the files are not removed from the database by anybody.

Statements and the audit chain have been guarded since 0002. Cases and decisions move on, so their rows may change; what
must not change in them is sealed by the chain and compared by `anze audit verify`.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# By table: what makes a row the one that it is. SQLite's OR REPLACE removes whoever stands in the way without firing a
# DELETE trigger, so a second holder of any of these is refused before that.
KEYS = {
    "complaints": ["id", "number"],
    "decisions": ["id", "complaint_id"],
    "complaint_evidence": ["complaint_id, file_id"],
    "files": ["id"],
}
# What may never change, beside the keys: the content that a file's row stands for, and which file is evidence of what.
FIXED = {
    "complaints": ["id"],
    "decisions": ["id", "complaint_id"],
    "complaint_evidence": ["complaint_id", "file_id", "added_at"],
    "files": ["id", "sha256", "size"],
}

SQLITE_DELETE = """
CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table}
BEGIN SELECT RAISE(ABORT, '{table}: rows are never removed'); END
"""
SQLITE_REPLACE = """
CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table}
WHEN EXISTS (SELECT 1 FROM {table} WHERE {same})
BEGIN SELECT RAISE(ABORT, '{table}: rows are never replaced'); END
"""
SQLITE_FIXED = """
CREATE TRIGGER {table}_fixed BEFORE UPDATE OF {columns} ON {table} WHEN {differs}
BEGIN SELECT RAISE(ABORT, '{table}: what identifies a row is never changed'); END
"""
# A number is given once; one that another case has would push that case out under OR REPLACE.
SQLITE_NUMBER = """
CREATE TRIGGER complaints_number_fixed BEFORE UPDATE OF number ON complaints
WHEN OLD.number IS NOT NEW.number
AND (OLD.number IS NOT NULL OR EXISTS (SELECT 1 FROM complaints WHERE number = NEW.number))
BEGIN SELECT RAISE(ABORT, 'complaints: a number is never changed'); END
"""

POSTGRESQL = """
CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION anze_refuse();
CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION anze_refuse();
CREATE TRIGGER {table}_fixed BEFORE UPDATE OF {columns} ON {table} FOR EACH ROW WHEN ({differs})
EXECUTE FUNCTION anze_refuse();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_delete;
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_truncate;
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_fixed;
"""
POSTGRESQL_NUMBER = """
CREATE TRIGGER complaints_number_fixed BEFORE UPDATE OF number ON complaints FOR EACH ROW
WHEN (OLD.number IS NOT NULL AND OLD.number IS DISTINCT FROM NEW.number) EXECUTE FUNCTION anze_refuse();
ALTER TABLE complaints ENABLE ALWAYS TRIGGER complaints_number_fixed;
"""


def _differs(columns: list[str], distinct: str) -> str:
    return " OR ".join(f"OLD.{column} {distinct} NEW.{column}" for column in columns)


def _same(keys: list[str]) -> str:
    each = [[f"{column} = NEW.{column}" for column in key.split(", ")] for key in keys]
    return " OR ".join(f"({' AND '.join(one)})" for one in each)


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for table, columns in FIXED.items():
        listed = ", ".join(columns)
        if sqlite:
            op.execute(sa.text(SQLITE_DELETE.format(table=table)))
            op.execute(sa.text(SQLITE_REPLACE.format(table=table, same=_same(KEYS[table]))))
            differs = _differs(columns, "IS NOT")
            op.execute(sa.text(SQLITE_FIXED.format(table=table, columns=listed, differs=differs)))
        else:
            differs = _differs(columns, "IS DISTINCT FROM")
            op.execute(POSTGRESQL.format(table=table, columns=listed, differs=differs))
    op.execute(sa.text(SQLITE_NUMBER) if sqlite else POSTGRESQL_NUMBER)


def downgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for table in FIXED:
        for what in ("no_delete", "no_replace" if sqlite else "no_truncate", "fixed"):
            op.execute(f"DROP TRIGGER {table}_{what}" + ("" if sqlite else f" ON {table}"))
    op.execute("DROP TRIGGER complaints_number_fixed" + ("" if sqlite else " ON complaints"))
