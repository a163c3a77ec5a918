"""Targets, budgets, the ledger and payables of accident-prevention fees (7.3); ledger rows are never changed."""

import sqlalchemy as sa
from alembic import op

from anze.migrations.guards import guard

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "province_targets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("province", sa.String(length=40), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("ratio_bp", sa.Integer(), nullable=False),
        sa.Column("document", sa.String(length=120), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_by", sa.String(length=60), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_province_targets")),
        sa.UniqueConstraint("province", "year", "version", name=op.f("uq_province_targets_province_year_version")),
    )
    op.create_table(
        "related_parties",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("plain_name", sa.String(length=120), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=True),
        sa.Column("relation", sa.String(length=300), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.String(length=60), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_related_parties")),
    )
    op.create_index(op.f("ix_related_parties_plain_name"), "related_parties", ["plain_name"])
    op.create_index(op.f("ix_related_parties_uscc"), "related_parties", ["uscc"])
    op.create_table(
        "fee_budgets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("province", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.String(length=120), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_by", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["branches.id"], name=op.f("fk_fee_budgets_branch_id_branches")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fee_budgets")),
        sa.UniqueConstraint(
            "branch_id", "year", "province", "version", name=op.f("uq_fee_budgets_branch_id_year_province_version")
        ),
    )
    op.create_table(
        "support_items",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.String(length=60), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by", sa.String(length=60), nullable=True),
        sa.ForeignKeyConstraint(["branch_id"], ["branches.id"], name=op.f("fk_support_items_branch_id_branches")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_support_items")),
    )
    op.create_index(op.f("ix_support_items_branch_id"), "support_items", ["branch_id"])
    op.create_table(
        "ledger_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("policy_id", sa.Integer(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("payee", sa.String(length=120), nullable=False),
        sa.Column("payee_uscc", sa.String(length=18), nullable=True),
        sa.Column("account_tail", sa.String(length=4), nullable=True),
        sa.Column("provider_id", sa.Integer(), nullable=True),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.String(length=10), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=True),
        sa.Column("support_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("held_for", sa.String(length=20), nullable=True),
        sa.Column("reverses_id", sa.Integer(), nullable=True),
        sa.Column("source_key", sa.String(length=64), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["branches.id"], name=op.f("fk_ledger_entries_branch_id_branches")),
        sa.ForeignKeyConstraint(["policy_id"], ["policies.id"], name=op.f("fk_ledger_entries_policy_id_policies")),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["providers.id"], name=op.f("fk_ledger_entries_provider_id_providers")
        ),
        sa.ForeignKeyConstraint(
            ["reverses_id"], ["ledger_entries.id"], name=op.f("fk_ledger_entries_reverses_id_ledger_entries")
        ),
        sa.ForeignKeyConstraint(["service_id"], ["services.id"], name=op.f("fk_ledger_entries_service_id_services")),
        sa.ForeignKeyConstraint(
            ["support_id"], ["support_items.id"], name=op.f("fk_ledger_entries_support_id_support_items")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entries")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_ledger_entries_reverses_id")),
        sa.UniqueConstraint("source_key", name=op.f("uq_ledger_entries_source_key")),
    )
    op.create_index("ix_ledger_entries_by_branch", "ledger_entries", ["branch_id", "booked_on"])
    op.create_index(op.f("ix_ledger_entries_policy_id"), "ledger_entries", ["policy_id"])
    op.create_index(op.f("ix_ledger_entries_service_id"), "ledger_entries", ["service_id"])
    op.create_table(
        "ledger_decisions",
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("approved", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["ledger_entries.id"], name=op.f("fk_ledger_decisions_entry_id_ledger_entries")
        ),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_ledger_decisions")),
    )
    op.create_table(
        "ledger_vouchers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["ledger_entries.id"], name=op.f("fk_ledger_vouchers_entry_id_ledger_entries")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_vouchers")),
    )
    op.create_index(op.f("ix_ledger_vouchers_entry_id"), "ledger_vouchers", ["entry_id"])
    op.create_table(
        "payables",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("terms", sa.String(length=300), nullable=False),
        sa.Column("late_reason", sa.String(length=300), nullable=True),
        sa.Column("paid_entry_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=60), nullable=False),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_payables_positive")),
        sa.ForeignKeyConstraint(["branch_id"], ["branches.id"], name=op.f("fk_payables_branch_id_branches")),
        sa.ForeignKeyConstraint(
            ["paid_entry_id"], ["ledger_entries.id"], name=op.f("fk_payables_paid_entry_id_ledger_entries")
        ),
        sa.ForeignKeyConstraint(["provider_id"], ["providers.id"], name=op.f("fk_payables_provider_id_providers")),
        sa.ForeignKeyConstraint(["service_id"], ["services.id"], name=op.f("fk_payables_service_id_services")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payables")),
        sa.UniqueConstraint("paid_entry_id", name=op.f("uq_payables_paid_entry_id")),
        sa.UniqueConstraint("service_id", name=op.f("uq_payables_service_id")),
    )
    op.create_index("ix_payables_open", "payables", ["branch_id", "paid_entry_id", "due_on"])
    guard("ledger_entries", ("id",), ("reverses_id",), ("source_key",))
    guard("ledger_decisions", ("entry_id",))
    guard("ledger_vouchers", ("id",))


def downgrade() -> None:
    op.drop_index("ix_payables_open", table_name="payables")
    op.drop_table("payables")
    op.drop_index(op.f("ix_ledger_vouchers_entry_id"), table_name="ledger_vouchers")
    op.drop_table("ledger_vouchers")
    op.drop_table("ledger_decisions")
    op.drop_index(op.f("ix_ledger_entries_service_id"), table_name="ledger_entries")
    op.drop_index(op.f("ix_ledger_entries_policy_id"), table_name="ledger_entries")
    op.drop_index("ix_ledger_entries_by_branch", table_name="ledger_entries")
    op.drop_table("ledger_entries")
    op.drop_index(op.f("ix_support_items_branch_id"), table_name="support_items")
    op.drop_table("support_items")
    op.drop_table("fee_budgets")
    op.drop_index(op.f("ix_related_parties_uscc"), table_name="related_parties")
    op.drop_index(op.f("ix_related_parties_plain_name"), table_name="related_parties")
    op.drop_table("related_parties")
    op.drop_table("province_targets")
