"""The audit chain's first head, and triggers: what was recorded is neither changed nor removed (7.4)."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

GUARDED = {"audit_events": "seq", "statements": "id"}

# SQLite's INSERT OR REPLACE removes the old row without firing a DELETE trigger: hence the one before INSERT.
SQLITE = """
CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table}
BEGIN SELECT RAISE(ABORT, '{table}: rows are never changed'); END;
CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table}
BEGIN SELECT RAISE(ABORT, '{table}: rows are never removed'); END;
CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table}
WHEN EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key})
BEGIN SELECT RAISE(ABORT, '{table}: rows are never replaced'); END;
"""
SQLITE_HEAD = """
CREATE TRIGGER audit_head_forward BEFORE UPDATE ON audit_head WHEN NEW.id <> OLD.id OR NEW.seq <= OLD.seq
BEGIN SELECT RAISE(ABORT, 'audit_head: only goes forward'); END;
CREATE TRIGGER audit_head_no_delete BEFORE DELETE ON audit_head
BEGIN SELECT RAISE(ABORT, 'audit_head: is never removed'); END;
CREATE TRIGGER audit_head_no_replace BEFORE INSERT ON audit_head WHEN EXISTS (SELECT 1 FROM audit_head)
BEGIN SELECT RAISE(ABORT, 'audit_head: there is one'); END;
"""

# ENABLE ALWAYS: also for a session that switches to the replica role, which skips ordinary triggers.
POSTGRESQL_FUNCTIONS = """
CREATE FUNCTION anze_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '%: rows are never changed or removed', TG_TABLE_NAME; END $$;
CREATE FUNCTION anze_audit_head_forward() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.id <> OLD.id OR NEW.seq <= OLD.seq THEN RAISE EXCEPTION 'audit_head: only goes forward'; END IF;
  RETURN NEW;
END $$;
"""
POSTGRESQL = """
CREATE TRIGGER {table}_guard BEFORE {events} ON {table} FOR EACH ROW EXECUTE FUNCTION anze_refuse();
CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION anze_refuse();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_guard;
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_truncate;
"""
POSTGRESQL_HEAD = """
CREATE TRIGGER audit_head_forward BEFORE UPDATE ON audit_head
FOR EACH ROW EXECUTE FUNCTION anze_audit_head_forward();
ALTER TABLE audit_head ENABLE ALWAYS TRIGGER audit_head_forward;
"""


def _sqlite(script: str) -> None:
    for statement in script.strip().split("END;\n"):
        op.execute(sa.text(f"{statement.removesuffix('END;')} END"))


def upgrade() -> None:
    head = sa.table("audit_head", sa.column("id"), sa.column("seq"), sa.column("sha256"))
    op.bulk_insert(head, [{"id": 1, "seq": 0, "sha256": "0" * 64}])
    if op.get_bind().dialect.name == "sqlite":
        for table, key in GUARDED.items():
            _sqlite(SQLITE.format(table=table, key=key))
        _sqlite(SQLITE_HEAD)
        return
    op.execute(POSTGRESQL_FUNCTIONS)
    for table in GUARDED:
        op.execute(POSTGRESQL.format(table=table, events="UPDATE OR DELETE"))
    op.execute(POSTGRESQL.format(table="audit_head", events="DELETE"))
    op.execute(POSTGRESQL_HEAD)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table in GUARDED:
            for what in ("update", "delete", "replace"):
                op.execute(f"DROP TRIGGER {table}_no_{what}")
        for what in ("forward", "no_delete", "no_replace"):
            op.execute(f"DROP TRIGGER audit_head_{what}")
    else:
        op.execute("DROP FUNCTION anze_refuse() CASCADE")
        op.execute("DROP FUNCTION anze_audit_head_forward() CASCADE")
    op.execute("DELETE FROM audit_head")
