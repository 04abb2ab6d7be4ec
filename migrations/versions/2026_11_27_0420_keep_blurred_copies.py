"""Keep blurred copies.

What a teacher has blurred in a lesson, and how far its copy has come. Expand only: the version that still runs makes
none.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision, down_revision = "2026_11_27_0420", "2026_11_27_0410"


def upgrade() -> None:
    """Make the table, with its part of the wall between alliances."""
    op.create_table(
        "blurred_copy",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("alliance_id", sa.Uuid(), nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("wish", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("from_ms", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("preview_key", sa.Text(), nullable=True),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'previewed', 'failed', 'making', 'settled')",
            name=op.f("blurred_copy_state_known_ck"),
        ),
        sa.CheckConstraint("from_ms >= 0", name=op.f("blurred_copy_from_ms_not_negative_ck")),
        sa.ForeignKeyConstraint(
            ["alliance_id", "recording_id"],
            ["recording.alliance_id", "recording.id"],
            name=op.f("blurred_copy_alliance_id_recording_id_fk"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("blurred_copy_pk")),
        sa.UniqueConstraint("alliance_id", "id", name=op.f("blurred_copy_alliance_id_id_key")),
        sa.UniqueConstraint("recording_id", name=op.f("blurred_copy_recording_id_key")),
    )
    op.execute("CREATE POLICY reach ON blurred_copy USING (backrow_reaches(alliance_id))")
    op.execute("ALTER TABLE blurred_copy ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")


def downgrade() -> None:
    """Drop it: copies that are used stay what is served."""
    op.drop_table("blurred_copy")
