"""Archives (7.4): folders, what is kept, photos and the doubts about them."""

import sqlalchemy as sa
from alembic import op

from anze.migrations.guards import guard

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "photo_facts",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("taken_on", sa.Date(), nullable=True),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.Column("look", sa.String(length=16), nullable=True),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_photo_facts")),
    )
    op.create_table(
        "archive_folders",
        sa.Column("insured_id", sa.Integer(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("made_by", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["insured_id"], ["insureds.id"], name=op.f("fk_archive_folders_insured_id_insureds")),
        sa.PrimaryKeyConstraint("insured_id", name=op.f("pk_archive_folders")),
    )
    op.create_table(
        "archive_items",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=4), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("file_id", sa.String(length=32), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.String(length=60), nullable=False),
        sa.CheckConstraint("(file_id IS NULL) <> (words IS NULL)", name=op.f("ck_archive_items_file_or_words")),
        sa.ForeignKeyConstraint(["file_id"], ["files.id"], name=op.f("fk_archive_items_file_id_files")),
        sa.ForeignKeyConstraint(["service_id"], ["services.id"], name=op.f("fk_archive_items_service_id_services")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_archive_items")),
    )
    op.create_index("ix_archive_items_of", "archive_items", ["service_id", "kind"])
    op.create_index("ix_archive_items_added", "archive_items", ["added_at"])
    op.create_index("ix_hazard_files_added", "hazard_files", ["added_at"])
    op.create_table(
        "photo_doubts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("doubt", sa.String(length=12), nullable=False),
        sa.Column("other_service_id", sa.Integer(), nullable=True),
        sa.Column("detail", sa.String(length=200), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verdict", sa.String(length=8), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("looked_by", sa.String(length=60), nullable=True),
        sa.ForeignKeyConstraint(["branch_id"], ["branches.id"], name=op.f("fk_photo_doubts_branch_id_branches")),
        sa.ForeignKeyConstraint(
            ["other_service_id"], ["services.id"], name=op.f("fk_photo_doubts_other_service_id_services")
        ),
        sa.ForeignKeyConstraint(["service_id"], ["services.id"], name=op.f("fk_photo_doubts_service_id_services")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_photo_doubts")),
        sa.UniqueConstraint("service_id", "sha256", "doubt", name=op.f("uq_photo_doubts_service_id_sha256_doubt")),
    )
    op.create_index("ix_photo_doubts_open", "photo_doubts", ["branch_id", "verdict"])
    op.create_table(
        "archive_withdrawals",
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"], ["archive_items.id"], name=op.f("fk_archive_withdrawals_item_id_archive_items")
        ),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_archive_withdrawals")),
    )
    guard("archive_items", ("id",))
    guard("archive_withdrawals", ("item_id",))


def downgrade() -> None:
    op.drop_table("archive_withdrawals")
    op.drop_index("ix_photo_doubts_open", table_name="photo_doubts")
    op.drop_table("photo_doubts")
    op.drop_index("ix_hazard_files_added", table_name="hazard_files")
    op.drop_index("ix_archive_items_added", table_name="archive_items")
    op.drop_index("ix_archive_items_of", table_name="archive_items")
    op.drop_table("archive_items")
    op.drop_table("archive_folders")
    op.drop_table("photo_facts")
