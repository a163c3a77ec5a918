"""Authorities, reports of 9.2, hand-overs of data (9.1), three-party mechanisms (9.3), evaluations (9.1)."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from anze.migrations.guards import guard

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "authorities",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.Column("province", sa.String(length=40), nullable=False),
        sa.Column("city", sa.String(length=40), nullable=True),
        sa.Column("county", sa.String(length=40), nullable=True),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("contact", sa.String(length=200), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.String(length=60), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["branch_id"], ["branches.id"], name=op.f("fk_authorities_branch_id_branches")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authorities")),
        sa.UniqueConstraint("branch_id", "name", name=op.f("uq_authorities_branch_id_name")),
    )
    op.create_table(
        "mechanisms",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("province", sa.String(length=40), nullable=False),
        sa.Column("city", sa.String(length=40), nullable=True),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("agreement", sa.String(length=120), nullable=False),
        sa.Column("members", _JSON, nullable=False),
        sa.Column("set_up_on", sa.Date(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.String(length=60), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(length=60), nullable=True),
        sa.ForeignKeyConstraint(["branch_id"], ["branches.id"], name=op.f("fk_mechanisms_branch_id_branches")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mechanisms")),
    )
    op.create_index(op.f("ix_mechanisms_branch_id"), "mechanisms", ["branch_id"], unique=False)
    op.create_index("ix_mechanisms_place", "mechanisms", ["province", "city"], unique=False)
    op.create_table(
        "evaluation_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("authority_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noted_by", sa.String(length=60), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.String(length=60), nullable=True),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["authorities.id"], name=op.f("fk_evaluation_requests_authority_id_authorities")
        ),
        sa.ForeignKeyConstraint(["branch_id"], ["branches.id"], name=op.f("fk_evaluation_requests_branch_id_branches")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluation_requests")),
    )
    op.create_index(
        "ix_evaluation_requests_open", "evaluation_requests", ["branch_id", "answered_on", "due_on"], unique=False
    )
    op.create_table(
        "data_submissions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("province", sa.String(length=40), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("data_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("form", sa.String(length=20), nullable=False),
        sa.Column("counts", _JSON, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(length=60), nullable=False),
        sa.Column("authority_id", sa.Integer(), nullable=True),
        sa.Column("sent_on", sa.Date(), nullable=True),
        sa.Column("sent_way", sa.String(length=10), nullable=True),
        sa.Column("document_no", sa.String(length=60), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_by", sa.String(length=60), nullable=True),
        sa.Column("receipt_on", sa.Date(), nullable=True),
        sa.Column("receipt_no", sa.String(length=60), nullable=True),
        sa.Column("receipt_id", sa.String(length=32), nullable=True),
        sa.Column("receipt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("receipt_by", sa.String(length=60), nullable=True),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["authorities.id"], name=op.f("fk_data_submissions_authority_id_authorities")
        ),
        sa.ForeignKeyConstraint(["branch_id"], ["branches.id"], name=op.f("fk_data_submissions_branch_id_branches")),
        sa.ForeignKeyConstraint(["receipt_id"], ["files.id"], name=op.f("fk_data_submissions_receipt_id_files")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_submissions")),
        sa.UniqueConstraint(
            "branch_id",
            "province",
            "period",
            "data_at",
            name=op.f("uq_data_submissions_branch_id_province_period_data_at"),
        ),
    )
    op.create_table(
        "evaluation_files",
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["files.id"], name=op.f("fk_evaluation_files_file_id_files")),
        sa.ForeignKeyConstraint(
            ["request_id"], ["evaluation_requests.id"], name=op.f("fk_evaluation_files_request_id_evaluation_requests")
        ),
        sa.PrimaryKeyConstraint("request_id", "file_id", name=op.f("pk_evaluation_files")),
    )
    op.create_table(
        "mechanism_records",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mechanism_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("file_id", sa.String(length=32), nullable=True),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noted_by", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["files.id"], name=op.f("fk_mechanism_records_file_id_files")),
        sa.ForeignKeyConstraint(
            ["mechanism_id"], ["mechanisms.id"], name=op.f("fk_mechanism_records_mechanism_id_mechanisms")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mechanism_records")),
    )
    op.create_index(op.f("ix_mechanism_records_mechanism_id"), "mechanism_records", ["mechanism_id"], unique=False)
    op.create_table(
        "regulator_reports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("candidate_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("authority_id", sa.Integer(), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("pdf_id", sa.String(length=32), nullable=False),
        sa.Column("word_id", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("drafted_by", sa.String(length=60), nullable=False),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("judged_by", sa.String(length=60), nullable=True),
        sa.Column("judged_reason", sa.Text(), nullable=True),
        sa.Column("sent_on", sa.Date(), nullable=True),
        sa.Column("sent_way", sa.String(length=10), nullable=True),
        sa.Column("document_no", sa.String(length=60), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_by", sa.String(length=60), nullable=True),
        sa.Column("receipt_on", sa.Date(), nullable=True),
        sa.Column("receipt_no", sa.String(length=60), nullable=True),
        sa.Column("receipt_id", sa.String(length=32), nullable=True),
        sa.Column("receipt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("receipt_by", sa.String(length=60), nullable=True),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["authorities.id"], name=op.f("fk_regulator_reports_authority_id_authorities")
        ),
        sa.ForeignKeyConstraint(
            ["candidate_id"], ["report_candidates.id"], name=op.f("fk_regulator_reports_candidate_id_report_candidates")
        ),
        sa.ForeignKeyConstraint(["pdf_id"], ["files.id"], name=op.f("fk_regulator_reports_pdf_id_files")),
        sa.ForeignKeyConstraint(["receipt_id"], ["files.id"], name=op.f("fk_regulator_reports_receipt_id_files")),
        sa.ForeignKeyConstraint(["word_id"], ["files.id"], name=op.f("fk_regulator_reports_word_id_files")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_regulator_reports")),
        sa.UniqueConstraint("candidate_id", "version", name=op.f("uq_regulator_reports_candidate_id_version")),
        sa.UniqueConstraint("pdf_id", name=op.f("uq_regulator_reports_pdf_id")),
        sa.UniqueConstraint("word_id", name=op.f("uq_regulator_reports_word_id")),
    )
    op.create_table(
        "submission_files",
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=30), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["files.id"], name=op.f("fk_submission_files_file_id_files")),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["data_submissions.id"], name=op.f("fk_submission_files_submission_id_data_submissions")
        ),
        sa.PrimaryKeyConstraint("submission_id", "name", name=op.f("pk_submission_files")),
        sa.UniqueConstraint("file_id", name=op.f("uq_submission_files_file_id")),
    )
    op.create_index("ix_services_report", "services", ["provider_id", "report_no"], unique=False)
    guard("submission_files", ("submission_id", "name"), ("file_id",))
    guard("mechanism_records", ("id",))
    guard("evaluation_files", ("request_id", "file_id"))


def downgrade() -> None:
    op.drop_index("ix_services_report", table_name="services")
    op.drop_table("submission_files")
    op.drop_table("regulator_reports")
    op.drop_index(op.f("ix_mechanism_records_mechanism_id"), table_name="mechanism_records")
    op.drop_table("mechanism_records")
    op.drop_table("evaluation_files")
    op.drop_table("data_submissions")
    op.drop_index("ix_evaluation_requests_open", table_name="evaluation_requests")
    op.drop_table("evaluation_requests")
    op.drop_index("ix_mechanisms_place", table_name="mechanisms")
    op.drop_index(op.f("ix_mechanisms_branch_id"), table_name="mechanisms")
    op.drop_table("mechanisms")
    op.drop_table("authorities")
