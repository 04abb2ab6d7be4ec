"""Keep exports.

A stretch of a lesson as a file, for a day, for whom both protocols let it be. Expand only: the version that still runs
asks for none.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "2026_11_27_0151", "2026_11_26_2237"


def upgrade() -> None:
    """Make the table, with its part of the wall between alliances."""
    op.create_table(
        "export",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("alliance_id", sa.Uuid(), nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("asker_id", sa.Uuid(), nullable=False),
        sa.Column("in_ms", sa.Integer(), nullable=False),
        sa.Column("out_ms", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("size_bytes", sa.BigInteger(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('waiting', 'ready', 'failed')", name=op.f("export_state_known_ck")),
        sa.CheckConstraint("in_ms >= 0 AND out_ms > in_ms", name=op.f("export_ends_after_it_begins_ck")),
        sa.ForeignKeyConstraint(
            ["alliance_id", "asker_id"],
            ["person.alliance_id", "person.id"],
            name=op.f("export_alliance_id_asker_id_fk"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["alliance_id", "recording_id"],
            ["recording.alliance_id", "recording.id"],
            name=op.f("export_alliance_id_recording_id_fk"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("export_pk")),
        sa.UniqueConstraint("alliance_id", "id", name=op.f("export_alliance_id_id_key")),
        sa.UniqueConstraint(
            "recording_id", "asker_id", "in_ms", "out_ms", name=op.f("export_recording_id_asker_id_in_ms_out_ms_key")
        ),
    )
    op.create_index(op.f("export_expires_at_ix"), "export", ["expires_at"], unique=False)
    op.execute("CREATE POLICY reach ON export USING (backrow_reaches(alliance_id))")
    op.execute("ALTER TABLE export ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")


def downgrade() -> None:
    """Drop it: files that wait to be downloaded are swept."""
    op.drop_table("export")
