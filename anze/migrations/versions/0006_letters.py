"""Letters of a complaint as they were issued: no version is ever changed, removed or replaced (7.4)."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

SQLITE = (
    """
CREATE TRIGGER complaint_letters_no_update BEFORE UPDATE ON complaint_letters
BEGIN SELECT RAISE(ABORT, 'complaint_letters: rows are never changed'); END
""",
    """
CREATE TRIGGER complaint_letters_no_delete BEFORE DELETE ON complaint_letters
BEGIN SELECT RAISE(ABORT, 'complaint_letters: rows are never removed'); END
""",
    # INSERT OR REPLACE removes whoever holds the key without firing a DELETE trigger.
    """
CREATE TRIGGER complaint_letters_no_replace BEFORE INSERT ON complaint_letters
WHEN EXISTS (SELECT 1 FROM complaint_letters WHERE id = NEW.id OR file_id = NEW.file_id
OR (complaint_id = NEW.complaint_id AND kind = NEW.kind AND version = NEW.version))
BEGIN SELECT RAISE(ABORT, 'complaint_letters: rows are never replaced'); END
""",
)
POSTGRESQL = """
CREATE TRIGGER complaint_letters_guard BEFORE UPDATE OR DELETE ON complaint_letters
FOR EACH ROW EXECUTE FUNCTION anze_refuse();
CREATE TRIGGER complaint_letters_no_truncate BEFORE TRUNCATE ON complaint_letters
FOR EACH STATEMENT EXECUTE FUNCTION anze_refuse();
ALTER TABLE complaint_letters ENABLE ALWAYS TRIGGER complaint_letters_guard;
ALTER TABLE complaint_letters ENABLE ALWAYS TRIGGER complaint_letters_no_truncate;
"""


def upgrade() -> None:
    op.create_table(
        "complaint_letters",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("complaint_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("origin", sa.String(length=10), nullable=False),
        sa.Column("file_id", sa.String(length=32), nullable=False),
        sa.Column("word_id", sa.String(length=32), nullable=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_by", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["complaint_id"], ["complaints.id"], name=op.f("fk_complaint_letters_complaint_id_complaints")
        ),
        sa.ForeignKeyConstraint(["file_id"], ["files.id"], name=op.f("fk_complaint_letters_file_id_files")),
        sa.ForeignKeyConstraint(["word_id"], ["files.id"], name=op.f("fk_complaint_letters_word_id_files")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint_letters")),
        sa.UniqueConstraint(
            "complaint_id", "kind", "version", name=op.f("uq_complaint_letters_complaint_id_kind_version")
        ),
        sa.UniqueConstraint("file_id", name=op.f("uq_complaint_letters_file_id")),
    )
    if op.get_bind().dialect.name == "sqlite":
        for trigger in SQLITE:
            op.execute(sa.text(trigger))
    else:
        op.execute(POSTGRESQL)


def downgrade() -> None:
    op.drop_table("complaint_letters")
