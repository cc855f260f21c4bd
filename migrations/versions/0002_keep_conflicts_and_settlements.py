"""keep conflicts and settlements."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "field_conflicts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("op_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("household_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("field", sa.String(length=20), nullable=False),
        sa.Column("kept", sa.LargeBinary(), nullable=True),
        sa.Column("offered", sa.LargeBinary(), nullable=True),
        sa.Column("noticed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("took_offered", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(
            ["household_id"], ["households.id"], name=op.f("fk_field_conflicts_household_id_households")
        ),
        sa.ForeignKeyConstraint(
            ["op_id"], ["operations.op_id"], name=op.f("fk_field_conflicts_op_id_operations")
        ),
        sa.ForeignKeyConstraint(
            ["settled_by_id"], ["users.id"], name=op.f("fk_field_conflicts_settled_by_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_field_conflicts")),
        sa.UniqueConstraint("op_id", "field", name=op.f("uq_field_conflicts_op_id_field")),
    )
    with op.batch_alter_table("field_conflicts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_field_conflicts_household_id"), ["household_id"], unique=False)

    with op.batch_alter_table("households", schema=None) as batch_op:
        batch_op.add_column(sa.Column("revised_by", sa.JSON(), server_default="{}", nullable=False))

    with op.batch_alter_table("operations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("household_id", sa.Uuid(as_uuid=False), nullable=True))
        batch_op.add_column(sa.Column("replaces", sa.Uuid(as_uuid=False), nullable=True))
        batch_op.add_column(sa.Column("settlement", sa.String(length=24), nullable=True))
        batch_op.add_column(sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("settled_by_id", sa.Uuid(as_uuid=False), nullable=True))
        batch_op.add_column(sa.Column("settlement_reason", sa.LargeBinary(), nullable=True))
        batch_op.create_index(batch_op.f("ix_operations_household_id"), ["household_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_operations_settled_by_id_users"), "users", ["settled_by_id"], ["id"]
        )
        batch_op.drop_column("closed_by")

    with op.batch_alter_table("teams", schema=None) as batch_op:
        batch_op.add_column(sa.Column("area_digest", sa.String(length=64), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("teams", schema=None) as batch_op:
        batch_op.drop_column("area_digest")

    with op.batch_alter_table("operations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("closed_by", sa.Uuid(as_uuid=False), nullable=True))
        batch_op.drop_constraint(batch_op.f("fk_operations_settled_by_id_users"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_operations_household_id"))
        batch_op.drop_column("settlement_reason")
        batch_op.drop_column("settled_by_id")
        batch_op.drop_column("settled_at")
        batch_op.drop_column("settlement")
        batch_op.drop_column("replaces")
        batch_op.drop_column("household_id")

    with op.batch_alter_table("households", schema=None) as batch_op:
        batch_op.drop_column("revised_by")

    with op.batch_alter_table("field_conflicts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_field_conflicts_household_id"))

    op.drop_table("field_conflicts")
